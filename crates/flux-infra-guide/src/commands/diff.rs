//! `diff`: changes of the clusters between two states of a repository.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use change_review::{
    ClusterReview, Review, Side, Which, findings_with_remains, markdown, remains, review, text,
};
use clap::ValueEnum;
use flux_scan::{Detail, HandedOver, Remains, ScannedCluster};
use git_plumbing::{CommitTree, NoAnswer};
use infra_model::Infrastructure;
use plain_text::{json, printable_lines};
use serde_json::json;
use source_tree::RepoPath;

use crate::diff_colors::colored;
use crate::exit::{Exit, Failure, printed};
use crate::findings_format::{github, sarif};
use crate::pager;
use crate::report;
use crate::scan_args::{FailOn, ScanArgs, ScanOptionArgs, Scanned};
use crate::terminal::Terminal;
use crate::work_tree;

/// Show what a change does to the clusters: objects, restarts, deletions, dangers, facts.
///
/// On a terminal the answer has colours, and a long one is shown by the program that PAGER names, `less` by default.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  flux-infra-guide diff main              # from main to the working tree
  flux-infra-guide diff v1.4 v1.5 --fail-on danger
  flux-infra-guide diff origin/main --format markdown > comment.md
  flux-infra-guide diff ../old-checkout ../new-checkout")]
pub(crate) struct Arguments {
    /// A revision of the repository in the current folder, or the folder of a working tree. Of a name that is both the
    /// revision is taken; `./NAME` is the folder.
    from: String,
    /// Another one. Default: the current folder as it is.
    to: Option<String>,
    /// The repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: Utf8PathBuf,
    /// Text for people, Markdown for a comment, JSON for programs, SARIF or annotations of GitHub for the dangers alone.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Exit with code 1 where anything changes, as `git diff` does.
    #[arg(long)]
    exit_code: bool,
    /// Show chart labels and checksums too, which follow from other changes.
    #[arg(long)]
    noise: bool,
    #[command(flatten)]
    scan: ScanOptionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
    Sarif,
    Github,
}

pub(crate) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let to = arguments.to.as_deref().unwrap_or(arguments.repo.as_str());
    // Most objects are the same on both sides, which therefore share the renderings of their charts.
    let of_before = HandedOver::default();
    let of_after = of_before.other();
    let scan = |handed_over: Option<HandedOver>| {
        let mut scan = ScanOptionArgs {
            detail: Detail::Facts,
            ..arguments.scan.clone()
        };
        scan.shared.handed_over = handed_over;
        scan
    };
    // In parallel: Git reads one side while the other is scanned.
    let (before, after) = rayon::join(
        || State::scan(arguments, &scan(Some(of_before)), &arguments.from, terminal),
        || State::scan(arguments, &scan(Some(of_after)), to, terminal),
    );
    // The process exits soon; dropping these would only take time.
    let (before, mut after) = (ManuallyDrop::new(before?), ManuallyDrop::new(after?));
    add_remains(&before, &mut after, |remains| {
        let mut options = scan(None);
        options.shared.remains = Arc::new(remains);
        State::new(arguments, &options, to, terminal, |_| {})
    })?;
    let review = Review {
        from: arguments.from.clone(),
        to: arguments
            .to
            .clone()
            .unwrap_or_else(|| "the working tree".to_owned()),
        clusters: compare(&before, &after)?,
    };
    let answer = match arguments.format {
        Format::Text => text::text(&review, arguments.noise),
        Format::Markdown => markdown::markdown(&review, markdown::LONGEST),
        Format::Json => json::escaped(&format!("{:#}\n", json!(review))).into_owned(),
        Format::Sarif => sarif::document(review.dangers()),
        Format::Github => github::annotations(review.dangers()),
    };
    printed(match arguments.format {
        Format::Text => {
            let answer = printable_lines(&answer);
            let colored = terminal.color_out.then(|| colored(&answer));
            pager::show(terminal, colored.as_deref().unwrap_or(&answer))
        }
        _ => terminal.out(&answer),
    })?;
    let failed = match arguments.scan.fail_on {
        Some(FailOn::Danger) => review.dangers().next().is_some(),
        _ => {
            let new = review.clusters.iter().flat_map(|cluster| &cluster.findings.new);
            arguments.scan.exit(new) != Exit::Done
        }
    };
    Ok(if failed || (arguments.exit_code && !review.is_empty()) {
        Exit::No
    } else {
        Exit::Done
    })
}

/// One side of the comparison.
struct State {
    clusters: Vec<ScannedCluster>,
}

impl State {
    /// Scans a revision or a folder.
    fn scan(
        arguments: &Arguments,
        options: &ScanOptionArgs,
        what: &str,
        terminal: &Terminal,
    ) -> Result<State, Failure> {
        let state = State::new(arguments, options, what, terminal, |scanned| {
            if let Some((message, top)) = work_tree::part_of(&scanned.folder, &scanned.scan.clusters) {
                report::loud_warning(
                    terminal,
                    &message,
                    &format!("compare the whole repository: --repo {top}"),
                );
            }
        })?;
        report::not_cached(terminal, &state.clusters);
        Ok(state)
    }

    /// The clusters of a revision or a folder. `warn` prints warnings about a folder.
    fn new(
        arguments: &Arguments,
        options: &ScanOptionArgs,
        what: &str,
        terminal: &Terminal,
        warn: impl FnOnce(&Scanned),
    ) -> Result<State, Failure> {
        let clusters = if is_folder(&arguments.repo, what) {
            let folder = ScanArgs {
                repository: Utf8PathBuf::from(what),
                rwenv: None,
                options: options.clone(),
            };
            let scanned = folder.scan(terminal)?;
            warn(&scanned);
            scanned.scan.clusters
        } else {
            scan_revision(&arguments.repo, options, what, terminal)?
        };
        Ok(State { clusters })
    }

    fn side<'a>(&'a self, cluster: &'a ScannedCluster) -> Side<'a> {
        Side {
            evaluation: &cluster.evaluation,
            infrastructure: &cluster.infrastructure,
            hub: self.hub(cluster).map(|hub| &hub.evaluation),
        }
    }

    /// The cluster whose Kustomizations apply to a remote one.
    fn hub(&self, remote: &ScannedCluster) -> Option<&ScannedCluster> {
        let mut clusters = self.clusters.iter();
        remote.reached_by.as_ref()?;
        clusters.find(|cluster| cluster.entry == remote.entry && cluster.reached_by.is_none())
    }

    fn cluster(&self, other: &ScannedCluster) -> Option<&ScannedCluster> {
        let is_same = |cluster: &&ScannedCluster| {
            cluster.entry == other.entry
                && match (&cluster.reached_by, &other.reached_by) {
                    // Only clusters that share a folder have to agree in their names.
                    (None, None) => cluster.name == other.name || self.is_only_at(&cluster.entry),
                    (Some(_), Some(_)) => cluster.name == other.name,
                    _ => false,
                }
        };
        self.clusters.iter().find(is_same)
    }

    fn is_only_at(&self, entry: &RepoPath) -> bool {
        let is_at = |cluster: &&ScannedCluster| cluster.entry == *entry && cluster.reached_by.is_none();
        self.clusters.iter().filter(is_at).count() == 1
    }
}

/// Whether an argument means a folder. A folder with the name of a revision has to be written as a path, `./main`.
fn is_folder(repository: &Utf8Path, what: &str) -> bool {
    let is_plain_name = !what.contains('/') && !what.starts_with('.');
    Utf8Path::new(what).is_dir() && !(is_plain_name && git_plumbing::commit(repository, what).is_ok())
}

fn scan_revision(
    repository: &Utf8Path,
    options: &ScanOptionArgs,
    revision: &str,
    terminal: &Terminal,
) -> Result<Vec<ScannedCluster>, Failure> {
    let commit = git_plumbing::commit(repository, revision).map_err(|error| {
        let hint = match git_plumbing::is_shallow(repository) {
            Ok(true) => "the clone is shallow: bring the commit with `git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout",
            _ => "name a commit, tag or branch of the Git repository, or the folder of a working tree",
        };
        Failure::input(format!(
            "{revision} is neither a folder nor a revision of {repository} ({error})"
        ))
        .hint(hint)
    })?;
    let unread = |error: &NoAnswer| {
        let failure = Failure::input(format!("cannot read the files of {revision}: {error}"));
        match git_plumbing::is_partial(repository) {
            true => failure.hint("the clone lacks files of its commits: bring all of them with `git fetch --refetch --no-filter`"),
            false => failure,
        }
    };
    let tree = CommitTree::open(repository, &commit, options.max_file_size);
    let tree = Arc::new(tree.map_err(|error| unread(&error))?);
    let scanned = options.scan_commit(Arc::clone(&tree), repository, terminal);
    match tree.unread() {
        Some(error) => Err(unread(error)),
        None => Ok(scanned?.scan.clusters),
    }
}

/// The changed clusters of both sides, matched by their entries.
fn compare(before: &State, after: &State) -> Result<Vec<ClusterReview>, Failure> {
    let mut clusters = Vec::new();
    for cluster in &after.clusters {
        clusters.push(match before.cluster(cluster) {
            Some(old) => {
                review(&cluster.name, before.side(old), after.side(cluster)).map_err(Failure::output)?
            }
            None => only(cluster, Which::After, after, before)?,
        });
    }
    for cluster in &before.clusters {
        if after.cluster(cluster).is_none() {
            clusters.push(only(cluster, Which::Before, before, after)?);
        }
    }
    clusters.retain(|cluster| !cluster.is_empty());
    clusters.sort_by(|a, b| a.cluster.cmp(&b.cluster));
    Ok(clusters)
}

/// Scans the side after the change once more with everything that remains in its clusters from before.
fn add_remains(
    before: &State,
    after: &mut State,
    scan: impl Fn(BTreeMap<String, Remains>) -> Result<State, Failure>,
) -> Result<(), Failure> {
    /// Most rounds: Kustomizations that remain may apply further ones that do.
    const MOST: usize = 4;
    let mut known: BTreeMap<String, Remains> = BTreeMap::new();
    for _ in 0..MOST {
        let own = after.clusters.iter();
        let own = own.filter(|cluster| cluster.reached_by.is_none());
        let more: Vec<(String, Remains)> = own
            .filter_map(|cluster| {
                let old = before.side(before.cluster(cluster)?);
                let remains = remains(old, after.side(cluster), known.get(&cluster.name))?;
                Some((cluster.name.clone(), remains))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        known.extend(more);
        let mut next = scan(known.clone())?;
        // Findings about the change itself are those of a scan without remains.
        for cluster in &mut next.clusters {
            if let (Some(old), Some(alone)) = (before.cluster(cluster), after.cluster(cluster)) {
                let [old, alone, with_remains] =
                    [old, alone, &*cluster].map(|scanned| &scanned.infrastructure.diagnostics);
                cluster.infrastructure.diagnostics = findings_with_remains(old, alone, with_remains);
            }
        }
        *after = next;
    }
    Ok(())
}

/// The review of a cluster that only one side has. If it is remote and both sides have its hub, its objects are compared with
/// none.
fn only(
    cluster: &ScannedCluster,
    which: Which,
    own: &State,
    other: &State,
) -> Result<ClusterReview, Failure> {
    let Some(hub) = own.hub(cluster).and_then(|hub| other.cluster(hub)) else {
        return Ok(ClusterReview {
            cluster: cluster.name.clone(),
            only: Some(which),
            ..ClusterReview::default()
        });
    };
    let (evaluation, infrastructure) = (cluster.evaluation.emptied(), Infrastructure::default());
    let empty = Side {
        evaluation: &evaluation,
        infrastructure: &infrastructure,
        hub: Some(&hub.evaluation),
    };
    let (before, after) = match which {
        Which::Before => (own.side(cluster), empty),
        Which::After => (empty, own.side(cluster)),
    };
    let review = review(&cluster.name, before, after).map_err(Failure::output)?;
    Ok(ClusterReview {
        only: Some(which),
        facts: Vec::new(),
        ..review
    })
}

//! `diff`: what changes in the clusters between two states of a repository.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use change_review::{ClusterReview, Review, Side, Which, markdown, review, text};
use clap::ValueEnum;
use flux_scan::{Detail, HandedOver, ScannedCluster};
use git_plumbing::{CommitTree, NoAnswer};
use plain_text::{json, printable_lines};
use serde_json::json;

use crate::diff_colors::colored;
use crate::exit::printed;
use crate::exit::{Exit, Failure};
use crate::findings_format::{github, sarif};
use crate::pager;
use crate::report;
use crate::scan_args::{FailOn, ScanArgs, ScanOptionArgs};
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
    // The objects themselves are compared, most of which both sides have.
    let of_before = HandedOver::default();
    let of_after = of_before.other();
    let scan = |handed_over: HandedOver| {
        let mut scan = ScanOptionArgs {
            detail: Detail::Facts,
            ..arguments.scan.clone()
        };
        scan.shared.handed_over = Some(handed_over);
        scan
    };
    // Git takes its time with one side while the other is scanned.
    let (before, after) = rayon::join(
        || State::scan(arguments, &scan(of_before), &arguments.from, terminal),
        || State::scan(arguments, &scan(of_after), to, terminal),
    );
    // The process ends soon, and the system takes memory back at once.
    let (before, after) = (ManuallyDrop::new(before?), ManuallyDrop::new(after?));
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
        let clusters = if is_folder(&arguments.repo, what) {
            let folder = ScanArgs {
                repository: Utf8PathBuf::from(what),
                rwenv: None,
                options: options.clone(),
            };
            let scanned = folder.scan(terminal)?;
            if let Some((message, top)) = work_tree::part_of(&scanned.folder, &scanned.scan.clusters) {
                report::loud_warning(
                    terminal,
                    &message,
                    &format!("compare the whole repository: --repo {top}"),
                );
            }
            scanned.scan.clusters
        } else {
            scan_revision(&arguments.repo, options, what, terminal)?
        };
        report::not_cached(terminal, &clusters);
        Ok(State { clusters })
    }

    fn cluster(&self, other: &ScannedCluster) -> Option<&ScannedCluster> {
        let is_same = |cluster: &&ScannedCluster| {
            cluster.entry == other.entry
                && match (&cluster.reached_by, &other.reached_by) {
                    (None, None) => true,
                    (Some(_), Some(_)) => cluster.name == other.name,
                    _ => false,
                }
        };
        self.clusters.iter().find(is_same)
    }
}

/// Whether a folder is meant: one with the name of a revision is written as a path, `./main`.
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

/// The clusters of both sides by their entries, those of which anything is to say.
fn compare(before: &State, after: &State) -> Result<Vec<ClusterReview>, Failure> {
    let mut clusters = Vec::new();
    for cluster in &after.clusters {
        clusters.push(match before.cluster(cluster) {
            Some(old) => review(&cluster.name, side(old), side(cluster)).map_err(Failure::output)?,
            None => only(cluster, Which::After),
        });
    }
    let gone = before
        .clusters
        .iter()
        .filter(|cluster| after.cluster(cluster).is_none());
    clusters.extend(gone.map(|cluster| only(cluster, Which::Before)));
    clusters.retain(|cluster| !cluster.is_empty());
    clusters.sort_by(|a, b| a.cluster.cmp(&b.cluster));
    Ok(clusters)
}

fn side(cluster: &ScannedCluster) -> Side<'_> {
    Side {
        evaluation: &cluster.evaluation,
        infrastructure: &cluster.infrastructure,
    }
}

fn only(cluster: &ScannedCluster, which: Which) -> ClusterReview {
    ClusterReview {
        cluster: cluster.name.clone(),
        only: Some(which),
        ..ClusterReview::default()
    }
}

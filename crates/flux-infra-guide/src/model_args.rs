//! Options of questions: the catalogs or the scan that answers them.

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, ReadError};
use clap::ValueEnum;
use flux_scan::ScannedCluster;
use infra_model::Infrastructure;
use infra_query::{Facts, REMOTE};
use plain_text::Command;

use crate::answer_source::{Evaluations, Source, is_called, title};
use crate::closed_clusters::Closed;
use crate::data_folder::{DATA_FOLDERS, data_folder};
use crate::exit::Failure;
use crate::freshness_note::FreshnessNote;
use crate::report;
use crate::rwenv::Rwenv;
use crate::scan_args::{ScanArgs, ScanOptionArgs};
use crate::terminal::Terminal;

/// Where answers come from, and their format.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where answers come from")]
pub(crate) struct ModelArgs {
    /// Folder with catalogs. Default: $FLUX_INFRA_GUIDE_DATA, else .claude/skills/flux-infra-guide/data here or in a parent within the repository.
    #[arg(long, value_name = "DIR", conflicts_with = "repo")]
    data: Option<Utf8PathBuf>,
    /// Scan this repository in place of reading catalogs, with the scan options of `regen --help`.
    #[arg(long, value_name = "DIR")]
    repo: Option<Utf8PathBuf>,
    /// Text for people, JSON for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Print every ready-made command (kubectl, flux, LogQL, PromQL) in place of the answer.
    #[arg(long)]
    pub(crate) next: bool,
    #[command(flatten)]
    pub(crate) scan: ScanOptionArgs,
    /// The rwenv whose clone is scanned, which decides between clusters.
    #[arg(skip)]
    rwenv: Option<String>,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
    /// SARIF, of `lint` alone.
    Sarif,
    /// Annotations of GitHub Actions, of `lint` alone.
    Github,
}

impl ModelArgs {
    /// These options, with a repository to scan.
    pub(crate) fn scanning(self, repository: &Utf8Path) -> Self {
        ModelArgs {
            repo: Some(repository.to_owned()),
            ..self
        }
    }

    /// These options, with the clone of an rwenv to scan if they name neither catalogs nor a repository.
    pub(crate) fn of_rwenv(&self, rwenv: Option<&Rwenv>) -> Self {
        let mut model = self.clone();
        if let Some(rwenv) = rwenv
            && model.data.is_none()
            && model.repo.is_none()
        {
            model.repo = Some(rwenv.repository.clone());
            model.rwenv = Some(rwenv.name.clone());
        }
        model
    }

    /// These options, with the current repository to scan if an option is given that only affects scans.
    pub(crate) fn scanning_if_asked(&self) -> Self {
        match self.repo.is_none() && self.data.is_none() && self.scan.scan_only_option().is_some() {
            true => self.clone().scanning(Utf8Path::new(".")),
            false => self.clone(),
        }
    }

    /// The facts of the named cluster, or of all.
    ///
    /// # Errors
    /// [`Failure`] also for options that would do nothing.
    pub(crate) fn open<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        if self.scan.fail_on.is_some() {
            let failure = Failure::usage("--fail-on does nothing for a question");
            return Err(failure.hint("`flux-infra-guide lint --fail-on SEVERITY` fails on findings"));
        }
        self.open_for_findings(terminal)
    }

    /// As [`ModelArgs::open`], for a command that has `--fail-on`.
    ///
    /// # Errors
    /// As [`ModelArgs::open`].
    pub(crate) fn open_for_findings<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        if let (None, Some(option)) = (&self.repo, self.scan.scan_only_option()) {
            let failure = Failure::usage(format!("{option} does nothing where catalogs answer"));
            return Err(failure.hint(format!(
                "add --repo DIR, which scans the repository with it; or give {option} to `regen`, which writes the catalogs"
            )));
        }
        let mut clusters: Vec<(String, &'static dyn Facts)> = Vec::new();
        let (stores, note, closed) = match &self.repo {
            Some(repo) => {
                let (scanned, closed) = self.scan(repo, terminal)?;
                for cluster in scanned {
                    let facts: &'static Infrastructure = leaked(cluster.infrastructure);
                    clusters.push((title(facts), facts));
                }
                (Vec::new(), None, Closed::Scanned(closed))
            }
            None => {
                let data = data_folder(self.data.as_deref())?;
                let note = FreshnessNote::start(terminal, &data);
                let open = |name: Option<&str>| {
                    let store = CatalogStore::open(&data, name);
                    Ok::<_, Failure>(leaked(store.map_err(|error| unreadable(&data, &error))?))
                };
                let named = self.cluster()?;
                let mut names = match named {
                    None => catalog_emit::cluster_names(&data).map_err(|error| unreadable(&data, &error))?,
                    Some(_) => Vec::new(),
                };
                // Remote clusters come last.
                names.sort_by_key(|name| name.starts_with(REMOTE));
                let mut stores = Vec::new();
                match names.as_slice() {
                    [] | [_] => stores.push(open(named)?),
                    names => {
                        for name in names {
                            stores.push(open(Some(name))?);
                        }
                    }
                }
                for store in &stores {
                    clusters.push((title(*store), *store));
                }
                let closed = named.map_or(Closed::None, |name| Closed::Catalogs {
                    data: data.clone(),
                    open: name.to_owned(),
                });
                (stores, Some(note), closed)
            }
        };
        let source =
            Source::new(self, terminal, clusters).ok_or_else(|| Failure::input("there is no cluster"))?;
        Ok(source.read_from(stores, note).with_closed(closed))
    }

    /// Adds the options that name the repository or its catalogs to a command.
    pub(crate) fn repeat(&self, mut command: Command) -> Command {
        let data = self.data.as_ref().map(|folder| ("--data", folder));
        let repo = self.repo.as_ref().map(|folder| ("--repo", folder));
        // `--rwenv` already names the clone.
        for (option, folder) in data.into_iter().chain(repo.filter(|_| self.rwenv.is_none())) {
            command = command.literal(option).text(folder.as_str());
        }
        command
    }

    /// The facts of the named cluster, or of all, and their evaluations. Always scans: the named repository, or the current one.
    pub(crate) fn scanned<'t>(
        &'t self,
        terminal: &'t Terminal,
    ) -> Result<(Source<'t>, Evaluations), Failure> {
        if self.data.is_some() {
            let failure = Failure::usage("no catalog answers this");
            return Err(failure.hint("name the repository with --repo in place of --data"));
        }
        let repo = self.repo.as_deref().unwrap_or(Utf8Path::new("."));
        let (scanned, _) = self.scan(repo, terminal)?;
        let mut evaluations = Evaluations::default();
        let mut clusters: Vec<(String, &'static dyn Facts)> = Vec::new();
        for cluster in scanned {
            let facts: &'static Infrastructure = leaked(cluster.infrastructure);
            evaluations.insert(facts, cluster.evaluation);
            clusters.push((title(facts), facts));
        }
        let source = Source::new(self, terminal, clusters)
            .ok_or_else(|| Failure::input(format!("{repo} holds no cluster")))?;
        Ok((source, evaluations))
    }

    /// The named cluster, or all; and the clusters that are not asked about.
    fn scan(
        &self,
        repo: &Utf8Path,
        terminal: &Terminal,
    ) -> Result<(Vec<ScannedCluster>, Vec<ScannedCluster>), Failure> {
        let mut options = self.scan.clone();
        // A cluster may be named as in its catalogs, and only a scan of all clusters knows these names.
        let name = match options.cluster.as_slice() {
            [name] if !name.contains('=') && !repo.join(name).is_dir() => Some(name.clone()),
            _ => None,
        };
        if name.is_some() {
            options.cluster.clear();
        }
        let arguments = ScanArgs {
            repository: repo.to_owned(),
            rwenv: self.rwenv.clone(),
            options,
        };
        let mut clusters = arguments.scan(terminal)?.scan.clusters;
        report::not_cached(terminal, &clusters);
        let Some(name) = name else {
            return Ok((clusters, Vec::new()));
        };
        let names: Vec<String> = clusters
            .iter()
            .map(|cluster| format!("{} ({})", cluster.name, cluster.entry))
            .collect();
        let is_asked = |cluster: &ScannedCluster| is_called(&cluster.name, &name);
        let closed;
        (clusters, closed) = clusters.into_iter().partition(is_asked);
        if clusters.len() != 1 {
            return Err(Failure::input(format!(
                "{repo} holds no cluster {name}: there is {}",
                names.join(", ")
            ))
            .hint("give the name or the path of one to --cluster"));
        }
        Ok((clusters, closed))
    }

    /// Whether the repository may be scanned for facts that its catalogs do not have: not if catalogs are named.
    pub(crate) fn may_scan(&self) -> bool {
        self.data.is_none()
    }

    /// Whether the output is text for people, and not a list of commands.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text && !self.next
    }

    /// Whether a cluster is named, not only given a path.
    pub(crate) fn names_cluster(&self) -> bool {
        !self.scan.cluster.iter().all(|name| name.contains('='))
    }

    fn cluster(&self) -> Result<Option<&str>, Failure> {
        match self.scan.cluster.as_slice() {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            _ => Err(Failure::usage("a question is about one cluster").hint("give --cluster once")),
        }
    }
}

/// Leaks facts on purpose: the process exits next, and dropping them can take longer than the question.
pub(crate) fn leaked<T>(facts: T) -> &'static T {
    Box::leak(Box::new(facts))
}

/// The failure for catalogs that cannot be read. The hint corrects the frequent mistake of naming a folder around them.
fn unreadable(data: &Utf8Path, error: &ReadError) -> Failure {
    let [usual, agents] = DATA_FOLDERS;
    let inner = ["data", "flux-infra-guide/data", usual, agents].map(|inner| data.join(inner));
    let inner = inner.iter().find(|folder| folder.is_dir());
    match (error, inner) {
        (ReadError::NoCatalogs { .. }, Some(inner)) => {
            Failure::input(error).hint(format!("did you mean --data {inner}?"))
        }
        _ => Failure::input(error).hint(error.hint()),
    }
}

//! What questions are asked of: catalogs by convention or by name, or a fresh scan.

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

/// What to ask, and how to answer.
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
    /// The same, of a repository that is scanned.
    pub(crate) fn scanning(self, repository: &Utf8Path) -> Self {
        ModelArgs {
            repo: Some(repository.to_owned()),
            ..self
        }
    }

    /// Asks the clone of an rwenv, where nothing else is named.
    pub(crate) fn of_rwenv(&self, rwenv: &Rwenv) -> Self {
        let mut model = self.clone();
        if model.data.is_none() && model.repo.is_none() {
            model.repo = Some(rwenv.repository.clone());
            model.rwenv = Some(rwenv.name.clone());
        }
        model
    }

    /// The same, of the repository of this folder where an option is given that only a scan heeds.
    pub(crate) fn scanning_if_asked(&self) -> Self {
        match self.repo.is_none() && self.data.is_none() && self.scan.of_scan_alone().is_some() {
            true => self.clone().scanning(Utf8Path::new(".")),
            false => self.clone(),
        }
    }

    /// The facts of the cluster that is asked about; where none is named, of all.
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

    /// As [`ModelArgs::open`], for a command that heeds `--fail-on`.
    ///
    /// # Errors
    /// As [`ModelArgs::open`].
    pub(crate) fn open_for_findings<'t>(&'t self, terminal: &'t Terminal) -> Result<Source<'t>, Failure> {
        if let (None, Some(option)) = (&self.repo, self.scan.of_scan_alone()) {
            let failure = Failure::usage(format!("{option} does nothing where catalogs answer"));
            return Err(failure.hint(format!(
                "add --repo DIR, which scans the repository with it; or give {option} to `regen`, which writes the catalogs"
            )));
        }
        let mut clusters: Vec<(String, &'static dyn Facts)> = Vec::new();
        let (stores, note, closed) = match &self.repo {
            Some(repo) => {
                let (scanned, closed) = self.scan(repo, terminal, true)?;
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
                // Those that others reach come last.
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
        Ok(source.read_from(stores, note).beside(closed))
    }

    /// Adds what names the repository or its catalogs to a command.
    pub(crate) fn repeat(&self, mut command: Command) -> Command {
        let data = self.data.as_ref().map(|folder| ("--data", folder));
        let repo = self.repo.as_ref().map(|folder| ("--repo", folder));
        // The clone of an rwenv follows from its name.
        for (option, folder) in data.into_iter().chain(repo.filter(|_| self.rwenv.is_none())) {
            command = command.literal(option).text(folder.as_str());
        }
        command
    }

    /// The facts of the cluster that is asked about, where none is named of all, and what Flux applies to each: by a scan in any
    /// case, of `default` where no repository is named.
    pub(crate) fn scanned<'t>(
        &'t self,
        default: &Utf8Path,
        terminal: &'t Terminal,
    ) -> Result<(Source<'t>, Evaluations), Failure> {
        if self.data.is_some() {
            let failure = Failure::usage("no catalog answers this");
            return Err(failure.hint("name the repository with --repo in place of --data"));
        }
        let repo = self.repo.as_deref().unwrap_or(default);
        let (scanned, _) = self.scan(repo, terminal, true)?;
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

    /// The cluster that is asked about, and after it the remote ones that it reaches; with `all`, all others. Also those that
    /// are not asked about.
    fn scan(
        &self,
        repo: &Utf8Path,
        terminal: &Terminal,
        all: bool,
    ) -> Result<(Vec<ScannedCluster>, Vec<ScannedCluster>), Failure> {
        let mut options = self.scan.clone();
        // A cluster may be asked for by the name that its catalogs have, which only a scan of all finds out.
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
        let names: Vec<String> = clusters
            .iter()
            .map(|cluster| format!("{} ({})", cluster.name, cluster.entry))
            .collect();
        let names = names.join(", ");
        let mut closed = Vec::new();
        if let Some(name) = &name {
            let is_asked = |cluster: &ScannedCluster| is_called(&cluster.name, name);
            (clusters, closed) = clusters.into_iter().partition(is_asked);
        }
        let own = clusters
            .iter()
            .filter(|cluster| cluster.reached_by.is_none())
            .count();
        match (clusters.len(), name) {
            (1, _) => Ok((clusters, closed)),
            (_, None) if all || own == 1 => Ok((clusters, closed)),
            (_, Some(name)) => Err(Failure::input(format!(
                "{repo} holds no cluster {name}: there is {names}"
            ))
            .hint("give the name or the path of one to --cluster")),
            (_, None) => Err(Failure::usage(format!("{repo} holds several clusters: {names}"))
                .hint("give the name or the path of one to --cluster")),
        }
    }

    /// Whether the repository of this folder may be read for what its catalogs do not hold: not where others are named.
    pub(crate) fn may_scan(&self) -> bool {
        self.data.is_none()
    }

    /// Whether the answer is for people to read, and no list of commands.
    pub(crate) fn is_text(&self) -> bool {
        self.format == Format::Text && !self.next
    }

    /// Whether a cluster is named, in place of being found by a scan.
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

/// Leaks what is asked on purpose: the process exits next, and to drop it can take longer than the question.
fn leaked<T>(facts: T) -> &'static T {
    Box::leak(Box::new(facts))
}

/// Catalogs that cannot be read. Folders around the one with the catalogs are named often: then the hint names it.
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

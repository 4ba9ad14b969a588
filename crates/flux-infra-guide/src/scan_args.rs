//! Scan options, which are the same for every command that scans, and the scan itself. The same wherever a command scans.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Inputs;
use clap::ValueEnum;
use flux_scan::{
    Capabilities, ChartMode, ClusterArg, Detail, GivenCharts, GivenSources, HandedOver, KubeVersion, Scan,
    ScanError, ScanOptions, SourceContents, TemplatedManifests, Vars,
};
use git_plumbing::CommitTree;
use source_cache::{LoadedCharts, LockedSources, VendoredFolder};
#[cfg(feature = "fetch")]
use source_tree::Asked;
use source_tree::{
    Diagnostic, DiskTree, Limits, MemoryTree, ObjectRef, ReadRecord, RepoPath, Severity, SourceTree,
};

use crate::argument_file;
use crate::exit::{Exit, Failure};
use crate::fetched;
use crate::git::Repository;
use crate::report;
use crate::rwenv::{self, Rwenv};
use crate::terminal::Terminal;

/// What to scan, and how.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ScanArgs {
    /// The repository.
    #[arg(default_value = ".", value_name = "REPO")]
    pub(crate) repository: Utf8PathBuf,
    /// Scan the Flux repository of this rwenv; `-` is the active one.
    #[arg(long, value_name = "NAME", conflicts_with = "repository")]
    pub(crate) rwenv: Option<String>,
    /// How to scan.
    #[command(flatten)]
    pub(crate) options: ScanOptionArgs,
}

/// Scan options beside the repository.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Scan")]
pub(crate) struct ScanOptionArgs {
    /// How much the command needs to know of objects.
    #[arg(skip)]
    pub(crate) detail: Detail,
    /// What the scans of one command share.
    #[arg(skip)]
    pub(crate) shared: Shared,
    /// Cluster entry to scan, with a name for it if given, and further folders of the same cluster; repeatable. Default:
    /// every entry found.
    #[arg(long, value_name = "[NAME=]PATH[,PATH]")]
    pub(crate) cluster: Vec<String>,
    /// The folder that paths of Kustomizations start from, where the source is made of a folder. Default: found out.
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<Utf8PathBuf>,
    /// Where the content of another source is, or a folder with all of it that `fetch --vendor` has written; repeatable.
    #[arg(long, value_name = "Kind/namespace/name=DIR or DIR")]
    pub(crate) source: Vec<String>,
    /// Values from outside: an env file, a ConfigMap or Secret manifest, or the object it stands for; repeatable.
    #[arg(long, value_name = "FILE or ConfigMap/ns/name=FILE")]
    pub(crate) vars: Vec<String>,
    /// The knowledge file. Default: flux-infra-guide.yaml at the top of the repository.
    #[arg(long, value_name = "FILE")]
    pub(crate) knowledge: Option<Utf8PathBuf>,
    /// Take the knowledge file as your own: its notes are shown as they are and not quoted, its `check` may be any command.
    #[arg(long)]
    pub(crate) trust_knowledge: bool,
    /// Use neither flux-infra-guide.lock nor your cache: not what was fetched by it, and not what charts made in earlier scans.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Undefined variables are errors, as in Flux.
    #[arg(long)]
    pub(crate) strict: bool,
    /// A folder of charts, packed or not, such as Helm's repository cache; repeatable. Charts in the repository need none.
    #[arg(long, value_name = "DIR")]
    pub(crate) charts: Vec<Utf8PathBuf>,
    /// The chart of a HelmRelease or of its source: a folder, or a `.tgz`; repeatable.
    #[arg(long, value_name = "Kind/namespace/name=PATH")]
    pub(crate) chart: Vec<String>,
    /// The version of Kubernetes that charts are told. Default: as `helm template`.
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// API versions that charts are told beside those of Kubernetes.
    #[arg(long, value_name = "VERSIONS", value_delimiter = ',')]
    pub(crate) api_versions: Vec<String>,
    /// Number of threads. Default: one per core.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Largest file that is read.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().file_bytes)]
    pub(crate) max_file_size: u64,
    /// Another bound than the default one, such as `steps=800000000`; repeatable.
    ///
    /// docs/security.md lists them.
    #[arg(long, value_name = "NAME=NUMBER")]
    pub(crate) limit: Vec<String>,
    /// Exit with code 1 on diagnostics of this severity; `diff` knows `danger` as well.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
}

/// What several scans of one command share: the charts that the caller names, those of the lock file, what releases make.
#[derive(Clone, Default)]
pub(crate) struct Shared {
    given: Arc<OnceLock<Arc<dyn SourceContents>>>,
    locked: LoadedCharts,
    pub(crate) handed_over: Option<HandedOver>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// The severity that fails a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Dangers of a change.
    Danger,
}

impl FailOn {
    /// The least severity that fails; none where no finding of a scan does.
    fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Danger => None,
        }
    }
}

/// A scanned repository.
pub(crate) struct Scanned {
    /// The scan.
    pub(crate) scan: Scan,
    /// The repository.
    pub(crate) tree: Arc<dyn SourceTree>,
    /// Its real path.
    pub(crate) folder: Utf8PathBuf,
    /// A time before anything was read.
    pub(crate) began: SystemTime,
    /// What of it was fetched, where it has a lock file.
    pub(crate) locked: Option<Arc<LockedSources>>,
    reads: Arc<ReadRecord>,
}

impl Scanned {
    /// What decided the result.
    pub(crate) fn inputs(&self) -> Inputs {
        freshness::inputs(&*self.tree, &self.reads.asked())
    }

    /// What was asked of the repository.
    #[cfg(feature = "fetch")]
    pub(crate) fn asked(&self) -> Asked {
        self.reads.asked()
    }
}

impl ScanArgs {
    /// Scans.
    ///
    /// # Errors
    /// [`Failure`] with exit code 2 for arguments that make no sense and 3 for input that cannot be read.
    pub(crate) fn scan(&self, terminal: &Terminal) -> Result<Scanned, Failure> {
        self.scan_with(ChartMode::default(), terminal)
    }

    /// As [`ScanArgs::scan`], with charts rendered so.
    ///
    /// # Errors
    /// As [`ScanArgs::scan`].
    pub(crate) fn scan_with(&self, charts: ChartMode, terminal: &Terminal) -> Result<Scanned, Failure> {
        let scanned = self.scan_locked(charts, &fetched::Lock::OfRepository, terminal)?;
        if let Some(locked) = &scanned.locked {
            fetched::warn_of_unlocked(locked, terminal);
        }
        Ok(scanned)
    }

    /// As [`ScanArgs::scan_with`], by another lock file than the repository's.
    ///
    /// # Errors
    /// As [`ScanArgs::scan`].
    pub(crate) fn scan_locked(
        &self,
        charts: ChartMode,
        lock: &fetched::Lock,
        terminal: &Terminal,
    ) -> Result<Scanned, Failure> {
        let began = SystemTime::now();
        let limits = self.options.limits()?;
        let rwenv = self.rwenv()?;
        let root = rwenv.as_ref().map_or(&self.repository, |rwenv| &rwenv.repository);
        let tree = open(root, limits)?;
        let files = Files {
            folder: tree.root().to_owned(),
            tree: Arc::new(tree),
            name: root,
            rwenv: rwenv.as_ref(),
            began,
        };
        self.options.scan(files, charts, lock, terminal)
    }
}

/// What is scanned.
struct Files<'a> {
    tree: Arc<dyn SourceTree>,
    /// The repository's folder, whose Git describes it.
    folder: Utf8PathBuf,
    /// What messages call it.
    name: &'a Utf8Path,
    rwenv: Option<&'a Rwenv>,
    /// A time before anything was read.
    began: SystemTime,
}

impl ScanOptionArgs {
    /// Scans a commit of the repository around `folder`.
    ///
    /// # Errors
    /// As [`ScanArgs::scan`].
    pub(crate) fn scan_commit(
        &self,
        commit: Arc<CommitTree>,
        folder: &Utf8Path,
        terminal: &Terminal,
    ) -> Result<Scanned, Failure> {
        let files = Files {
            tree: commit,
            folder: folder.canonicalize_utf8().unwrap_or_else(|_| folder.to_owned()),
            name: folder,
            rwenv: None,
            began: SystemTime::now(),
        };
        let scanned = self.scan(
            files,
            ChartMode::default(),
            &fetched::Lock::OfRepository,
            terminal,
        )?;
        if let Some(locked) = &scanned.locked {
            fetched::warn_of_unlocked(locked, terminal);
        }
        Ok(scanned)
    }

    fn scan(
        &self,
        files: Files<'_>,
        charts: ChartMode,
        lock: &fetched::Lock,
        terminal: &Terminal,
    ) -> Result<Scanned, Failure> {
        let Files {
            tree,
            folder,
            name,
            rwenv,
            began,
        } = files;
        let limits = self.limits()?;
        let mut options = self.resolve(&folder, limits)?;
        options.charts = charts;
        let reads = ReadRecord::new();
        options.reads = Some(Arc::clone(&reads));
        let locked = match self.no_cache {
            true => None,
            false => fetched::sources(lock, &tree, &options, &self.shared.locked, began)?,
        };
        if !self.no_cache {
            options.renderings = fetched::renderings(began);
        }
        options.handed_over.clone_from(&self.shared.handed_over);
        if let Some(locked) = &locked {
            options.sources = Some(Arc::clone(locked) as Arc<dyn SourceContents>);
        }
        match Repository::at_top(&folder) {
            Ok(Some(repository)) => repository.describe(&mut options),
            Ok(None) => {}
            Err(error) => report::warning(
                terminal,
                &error.to_string(),
                "revision and origin are unknown, everything else is as usual",
            ),
        }
        if let (Some(rwenv), true) = (rwenv, options.clusters.is_empty()) {
            options.clusters = clusters_of(rwenv, &tree, &options);
        }
        let entries = flux_scan::entries(&tree, &options).map_err(|error| scan_failure(name, &error))?;
        let scan =
            flux_scan::scan_entries(&tree, entries, &options).map_err(|error| scan_failure(name, &error))?;
        Ok(Scanned {
            scan,
            tree,
            folder,
            began,
            locked,
            reads,
        })
    }
}

impl ScanArgs {
    /// The files of the repository.
    ///
    /// # Errors
    /// As [`ScanArgs::scan`].
    #[cfg(feature = "fetch")]
    pub(crate) fn open(&self) -> Result<DiskTree, Failure> {
        let rwenv = self.rwenv()?;
        let root = rwenv.as_ref().map_or(&self.repository, |rwenv| &rwenv.repository);
        open(root, self.options.limits()?)
    }

    fn rwenv(&self) -> Result<Option<Rwenv>, Failure> {
        self.rwenv.as_deref().map(rwenv).transpose()
    }
}

impl ScanOptionArgs {
    /// The first option that is given and matters to a scan alone.
    pub(crate) fn of_scan_alone(&self) -> Option<&'static str> {
        let given = [
            (self.root.is_some(), "--root"),
            (!self.source.is_empty(), "--source"),
            (!self.vars.is_empty(), "--vars"),
            (self.knowledge.is_some(), "--knowledge"),
            (self.trust_knowledge, "--trust-knowledge"),
            (self.no_cache, "--no-cache"),
            (self.strict, "--strict"),
            (!self.charts.is_empty(), "--charts"),
            (!self.chart.is_empty(), "--chart"),
            (self.kube_version.is_some(), "--kube-version"),
            (!self.api_versions.is_empty(), "--api-versions"),
            (self.jobs.is_some(), "--jobs"),
            (
                self.max_file_size != 0 && self.max_file_size != Limits::default().file_bytes,
                "--max-file-size",
            ),
            (!self.limit.is_empty(), "--limit"),
        ];
        given
            .iter()
            .find(|(is_given, _)| *is_given)
            .map(|(_, option)| *option)
    }

    /// The bounds of what is read.
    fn limits(&self) -> Result<Limits, Failure> {
        let limits = Limits {
            file_bytes: self.max_file_size,
            ..Limits::default()
        };
        with_limits(limits, &self.limit)
    }

    /// The options as far as Git has no say in them.
    fn resolve(&self, root: &Utf8Path, limits: Limits) -> Result<ScanOptions, Failure> {
        let clusters = self
            .cluster
            .iter()
            .map(|text| cluster(root, text))
            .collect::<Result<_, _>>()?;
        let sources = match self.shared.given.get() {
            Some(known) => Arc::clone(known),
            None => {
                let sources = self.sources(limits)?;
                Arc::clone(self.shared.given.get_or_init(|| sources))
            }
        };
        let vars = self
            .vars
            .iter()
            .map(|text| vars(text))
            .collect::<Result<_, _>>()?;
        let knowledge = self
            .knowledge
            .as_deref()
            .map(|file| Ok((file.to_string(), text(file)?)))
            .transpose()?;
        let folder = root.file_name().unwrap_or("repository");
        let given = self.root.as_ref().map(|folder| {
            let option = format!("--root {folder}");
            repo_path(root, folder.as_str(), &option)
        });
        Ok(ScanOptions {
            clusters,
            root: given.transpose()?,
            sources: Some(sources),
            vars,
            knowledge,
            trust_knowledge: self.trust_knowledge,
            strict: self.strict,
            charts: ChartMode::default(),
            capabilities: self.capabilities()?,
            renderings: None,
            handed_over: None,
            jobs: self.jobs,
            limits,
            remotes: Vec::new(),
            branches: Vec::new(),
            generated_from: folder.to_owned(),
            revision: None,
            can_fetch: cfg!(feature = "fetch"),
            detail: self.detail,
            reads: None,
            parsed: Arc::default(),
        })
    }

    /// What the caller names of sources and charts.
    fn sources(&self, limits: Limits) -> Result<Arc<dyn SourceContents>, Failure> {
        let (vendored, named): (Vec<&String>, Vec<&String>) =
            self.source.iter().partition(|text| !text.contains('='));
        let mut sources = named
            .into_iter()
            .map(|text| source(text, limits))
            .collect::<Result<GivenSources, _>>()?;
        sources.charts = GivenCharts::with_limits(limits);
        for folder in &self.charts {
            let tree = DiskTree::with_limits(folder, Limits::default())
                .map_err(|error| Failure::input(format!("--charts {folder}: {error}")))?;
            sources.charts.add_folder(Arc::new(tree));
        }
        for text in &self.chart {
            let (id, tree) = chart(text)?;
            sources.charts.insert(id, tree);
        }
        let mut sources: Arc<dyn SourceContents> = Arc::new(sources);
        for folder in vendored {
            sources = Arc::new(LockedSources::vendored(sources, vendored_folder(folder)?, limits));
        }
        Ok(sources)
    }

    /// What charts are told of the cluster.
    fn capabilities(&self) -> Result<Capabilities, Failure> {
        let mut capabilities = Capabilities::default();
        if let Some(version) = &self.kube_version {
            capabilities.kube_version = KubeVersion::parse(version)
                .map_err(|error| Failure::usage(format!("--kube-version {version}: {error}")))?;
        }
        capabilities
            .api_versions
            .extend(self.api_versions.iter().cloned());
        Ok(capabilities)
    }

    /// The exit code of a scanning command that did its work: 1 where `--fail-on` is met.
    pub(crate) fn exit<'a>(&self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Exit {
        let Some(least) = self.fail_on.and_then(FailOn::severity) else {
            return Exit::Done;
        };
        let met = diagnostics
            .into_iter()
            .any(|diagnostic| diagnostic.severity >= least);
        if met { Exit::No } else { Exit::Done }
    }
}

/// The environment of a name, by rwenv's configuration.
pub(crate) fn rwenv(name: &str) -> Result<Rwenv, Failure> {
    let config_dir = rwenv::config_dir()
        .ok_or_else(|| Failure::input("neither RWENV_CONFIG_DIR nor HOME is set").hint("set one of them"))?;
    rwenv::find(&config_dir, Utf8Path::new("."), name)
}

/// Sets limits as `--limit` states them.
pub(crate) fn with_limits(mut limits: Limits, stated: &[String]) -> Result<Limits, Failure> {
    for text in stated {
        let (name, number) = text.split_once('=').unwrap_or((text, ""));
        let number = number.parse().map_err(|_| {
            Failure::usage(format!("--limit {text}: expected NAME=NUMBER"))
                .hint(format!("the names are {}", Limits::NAMES.join(", ")))
        })?;
        if !limits.set(name, number) {
            return Err(
                Failure::usage(format!("--limit {text}: there is no limit `{name}`"))
                    .hint(format!("the names are {}", Limits::NAMES.join(", "))),
            );
        }
    }
    Ok(limits)
}

/// The one cluster entry with the environment's name or type in its path; none, which means all, where that is not one.
fn clusters_of(rwenv: &Rwenv, tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Vec<ClusterArg> {
    let entries = flux_scan::discover(tree, options).unwrap_or_default();
    for word in [Some(&rwenv.name), rwenv.cluster_type.as_ref()]
        .into_iter()
        .flatten()
    {
        let mut matching = entries
            .iter()
            .filter(|entry| entry.path.parts().any(|part| part == word));
        if let (Some(entry), None) = (matching.next(), matching.next()) {
            return vec![ClusterArg {
                name: None,
                path: entry.path.clone(),
                joined: entry.joined.clone(),
            }];
        }
    }
    Vec::new()
}

fn open(root: &Utf8Path, limits: Limits) -> Result<DiskTree, Failure> {
    DiskTree::with_limits(root, limits).map_err(|error| {
        Failure::input(format!("cannot read the repository {root}: {error}"))
            .hint("name the folder of a Flux repository, or run the command inside one")
    })
}

fn scan_failure(root: &Utf8Path, error: &ScanError) -> Failure {
    let failure = Failure::input(format!("{root}: {error}"));
    let folders = match error {
        ScanError::NoEntry {
            instead: Some(instead),
            ..
        } => {
            return failure.hint(format!(
                "its manifests tell of {instead}, which this program does not read; name a folder that Flux reconciles with --cluster DIR \
                 if there is one"
            ));
        }
        ScanError::NoEntry {
            templates: Some(templates),
            ..
        } => {
            let TemplatedManifests { what, file, more } = templates;
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            return failure.hint(format!(
                "its manifests are {what} ({file}{more}), which this program does not fill in: do so as the repository says, and name the folder with \
                 the result: flux-infra-guide regen DIR"
            ));
        }
        ScanError::NoEntry { folders, .. } if folders.is_empty() => {
            return failure.hint(
                "the repository holds no manifests in use: name the one that Flux reads, or the folder that Flux reconciles first with --cluster DIR",
            );
        }
        ScanError::NoEntry { folders, .. } => folders.as_slice(),
        _ => &[],
    };
    match folders {
        [] => failure.hint("name the folder that Flux reconciles first: --cluster clusters/my-cluster"),
        [first, ..] => {
            let names: Vec<String> = folders.iter().map(|folder| folder.to_string()).collect();
            failure.hint(format!(
                "name the folder that Flux reconciles first, such as --cluster {first}; most manifests lie in {}",
                names.join(", ")
            ))
        }
    }
}

/// `[NAME=]PATH[,PATH]`
fn cluster(root: &Utf8Path, text: &str) -> Result<ClusterArg, Failure> {
    let (name, paths) = match text.split_once('=') {
        Some((name, paths)) => (Some(name.to_owned()), paths),
        None => (None, text),
    };
    if name
        .as_deref()
        .is_some_and(|name| name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.'))
    {
        return Err(
            Failure::usage(format!("--cluster {text}: the name becomes a folder's name"))
                .hint("use letters, digits and `-`"),
        );
    }
    let option = format!("--cluster {text}");
    let mut paths = paths.split(',').map(|path| repo_path(root, path, &option));
    let path = paths.next().unwrap_or_else(|| repo_path(root, "", &option))?;
    Ok(ClusterArg {
        name,
        path,
        joined: paths.collect::<Result<_, _>>()?,
    })
}

/// A path relative to the repository, or an absolute one in it.
fn repo_path(root: &Utf8Path, path: &str, option: &str) -> Result<RepoPath, Failure> {
    let absolute = Utf8Path::new(path)
        .is_absolute()
        .then(|| Utf8Path::new(path).canonicalize_utf8().ok())
        .flatten();
    let below = match &absolute {
        Some(real) => real
            .strip_prefix(root)
            .map_err(|_| Failure::usage(format!("{option}: {real} is not in the repository {root}")))?,
        None => Utf8Path::new(path),
    };
    RepoPath::root().checked_join(below.as_str()).ok_or_else(|| {
        Failure::usage(format!("{option}: the path leaves the repository"))
            .hint("give the path from the top of the repository")
    })
}

/// `DIR`
fn vendored_folder(folder: &str) -> Result<VendoredFolder, Failure> {
    VendoredFolder::open(Utf8Path::new(folder)).map_err(|error| {
        Failure::input(format!("--source {folder}: {error}")).hint(
            "name a folder that `flux-infra-guide fetch --vendor` has written, or the source that the folder is the content \
             of: Kind/namespace/name=DIR",
        )
    })
}

/// `Kind/namespace/name=DIR`
fn source(text: &str, limits: Limits) -> Result<(ObjectRef, Arc<dyn SourceTree>), Failure> {
    let wrong = || Failure::usage(format!("--source {text}: expected Kind/namespace/name=DIR"));
    let (name, folder) = text.split_once('=').ok_or_else(wrong)?;
    let name = object_name(name).ok_or_else(wrong)?;
    let tree = DiskTree::with_limits(Utf8Path::new(folder), limits)
        .map_err(|error| Failure::input(format!("--source {text}: {error}")))?;
    Ok((name, Arc::new(tree)))
}

/// `Kind/namespace/name=PATH`
fn chart(text: &str) -> Result<(ObjectRef, Arc<dyn SourceTree>), Failure> {
    let wrong = || Failure::usage(format!("--chart {text}: expected Kind/namespace/name=PATH"));
    let (name, path) = text.split_once('=').ok_or_else(wrong)?;
    let name = object_name(name).ok_or_else(wrong)?;
    let path = Utf8Path::new(path);
    let unreadable = |error: &dyn std::fmt::Display| Failure::input(format!("--chart {text}: {error}"));
    if path.is_dir() {
        let tree = DiskTree::with_limits(path, Limits::default()).map_err(|error| unreadable(&error))?;
        return Ok((name, Arc::new(tree)));
    }
    let bytes = argument_file::read(path).map_err(|error| unreadable(&error))?;
    let mut tree = MemoryTree::new();
    tree.insert(path.file_name().unwrap_or("chart.tgz"), bytes);
    Ok((name, Arc::new(tree)))
}

/// `FILE` or `Kind/namespace/name=FILE`
pub(crate) fn vars(text: &str) -> Result<Vars, Failure> {
    let named = text
        .split_once('=')
        .and_then(|(name, file)| Some((object_name(name)?, file)));
    let (object, file) = match named {
        Some((object, file)) => (Some(object), file),
        None => (None, text),
    };
    Ok(Vars {
        object,
        file: file.to_owned(),
        text: self::text(Utf8Path::new(file))?,
    })
}

fn object_name(text: &str) -> Option<ObjectRef> {
    let mut parts = text.split('/').map(str::to_owned);
    let name = ObjectRef {
        kind: parts.next()?,
        namespace: parts.next()?,
        name: parts.next()?,
    };
    (parts.next().is_none() && !name.kind.is_empty() && !name.name.is_empty()).then_some(name)
}

fn text(file: &Utf8Path) -> Result<String, Failure> {
    argument_file::read_text(file).map_err(|error| Failure::input(format!("cannot read {file}: {error}")))
}

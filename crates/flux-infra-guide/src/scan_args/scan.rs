//! Scans of a repository.

use std::sync::Arc;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::{ChartMode, ClusterArg, Scan, ScanError, ScanOptions, SourceContents, TemplatedManifests};
use git_plumbing::CommitTree;
use source_cache::LockedSources;
#[cfg(feature = "fetch")]
use source_tree::Asked;
use source_tree::{DiskTree, Limits, ReadRecord, SourceTree};

use super::{ScanArgs, ScanOptionArgs};
use crate::exit::Failure;
use crate::fetched;
use crate::git::Repository;
use crate::report;
use crate::rwenv::{self, Rwenv};
use crate::terminal::Terminal;

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
    /// Its locked sources, if it has a lock file.
    pub(crate) locked: Option<Arc<LockedSources>>,
    /// The paths that were looked up.
    pub(crate) reads: Arc<ReadRecord>,
}

impl Scanned {
    /// The paths that the scan asked for.
    #[cfg(feature = "fetch")]
    pub(crate) fn asked(&self) -> Asked {
        self.reads.asked()
    }

    fn warned_of_unlocked(self, terminal: &Terminal) -> Self {
        if let Some(locked) = &self.locked {
            fetched::warn_of_unlocked(locked, terminal);
        }
        self
    }
}

impl ScanArgs {
    /// Scans the repository.
    ///
    /// # Errors
    /// [`Failure`] with exit code 2 for invalid arguments and 3 for input that cannot be read.
    pub(crate) fn scan(&self, terminal: &Terminal) -> Result<Scanned, Failure> {
        self.scan_with(ChartMode::default(), terminal)
    }

    /// As [`ScanArgs::scan`], with another treatment of charts.
    ///
    /// # Errors
    /// As [`ScanArgs::scan`].
    pub(crate) fn scan_with(&self, charts: ChartMode, terminal: &Terminal) -> Result<Scanned, Failure> {
        let scanned = self.scan_locked(charts, &fetched::Lock::OfRepository, terminal)?;
        Ok(scanned.warned_of_unlocked(terminal))
    }

    /// As [`ScanArgs::scan_with`], with another lock file than the repository's.
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

/// The files to scan.
struct Files<'a> {
    tree: Arc<dyn SourceTree>,
    /// The repository's folder, with its `.git`.
    folder: Utf8PathBuf,
    /// The name of the repository in messages.
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
        let lock = fetched::Lock::OfRepository;
        let scanned = self.scan(files, ChartMode::default(), &lock, terminal)?;
        Ok(scanned.warned_of_unlocked(terminal))
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
        options.remains = Arc::clone(&self.shared.remains);
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

/// The environment with a name, from rwenv's configuration.
pub(crate) fn rwenv(name: &str) -> Result<Rwenv, Failure> {
    let config_dir = rwenv::config_dir()
        .ok_or_else(|| Failure::input("neither RWENV_CONFIG_DIR nor HOME is set").hint("set one of them"))?;
    rwenv::find(&config_dir, Utf8Path::new("."), name)
}

/// The cluster entry with the environment's name or type in its path, if there is exactly one; otherwise none, which means all.
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
                "its manifests use {instead}, which this program does not read; name a folder that Flux reconciles with --cluster DIR \
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
        ScanError::NoEntry {
            folders, archived, ..
        } if folders.is_empty() => {
            let [first, more @ ..] = archived.as_slice() else {
                return failure.hint(
                    "the repository holds no manifests in use: name the one that Flux reads, or the folder that Flux reconciles first with --cluster DIR",
                );
            };
            let more = match more.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            return failure.hint(format!(
                "all of its manifests are in archives ({first}{more}), which are never clusters: if Flux reconciles that all the same, name the \
                 folder: --cluster {first}"
            ));
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

//! Errors that stop a scan. Everything else is a diagnostic.

use source_tree::{RepoPath, TreeError};
use thiserror::Error;

/// Why a repository could not be scanned.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ScanError {
    /// The repository cannot be read.
    #[error("cannot read the repository: {0}")]
    Unreadable(#[from] TreeError),
    /// No cluster entry was found.
    #[error(
        "no cluster entry: looked for a FluxInstance or a HelmRelease of the chart flux-instance with a sync path, for \
         gotk-sync.yaml, for folders whose build holds Flux Kustomizations, and for kustomization files that nothing lists"
    )]
    NoEntry {
        /// Folders with manifests, those with the most of them first.
        folders: Vec<RepoPath>,
        /// Folders that would be entries, but for names that say that they are archives.
        archived: Vec<RepoPath>,
        /// The other tool that applies manifests of the repository, judging by its files: `Argo CD`, `Flux 1`.
        instead: Option<&'static str>,
        /// Templates that another tool fills in before Flux sees the result.
        templates: Option<TemplatedManifests>,
    },
    /// A cluster entry that the caller named does not exist.
    #[error("no folder {path} in the repository")]
    EntryMissing {
        /// The path.
        path: RepoPath,
    },
    /// Values from outside that are neither an env file nor manifests.
    #[error("{file}: {message}")]
    Vars {
        /// The file that they come from.
        file: String,
        /// The problem, without any value.
        message: String,
    },
    /// The threads for parallel builds could not be started.
    #[error("cannot start threads: {0}")]
    Threads(String),
}

/// Templates of manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatedManifests {
    /// Their kind, such as `Jinja templates`.
    pub what: &'static str,
    /// One of them.
    pub file: RepoPath,
    /// How many more there are.
    pub more: usize,
}

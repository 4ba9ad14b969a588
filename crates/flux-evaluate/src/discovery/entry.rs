//! A cluster entry.

use source_tree::{ObjectRef, RepoPath};

use crate::flux::{FluxInstance, Source};

/// A cluster entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The cluster's name: what tells it apart from the other entries.
    pub name: String,
    /// The entry folder in the repository.
    pub path: RepoPath,
    /// The folder that is pushed as the artifact; the root but for OCI artifacts of a sub-folder.
    pub(crate) root: RepoPath,
    /// Sources that bootstrapping makes of this repository.
    pub(crate) sync: Vec<SyncSource>,
    /// The FluxInstance that reconciles the entry.
    pub(crate) instance: Option<FluxInstance>,
}

/// A source that is this repository because bootstrapping says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncSource {
    pub(crate) id: ObjectRef,
    pub(crate) source: Source,
}

impl Entry {
    /// An entry of which nothing is known but its path.
    pub fn bare(path: RepoPath) -> Self {
        Entry {
            name: path.file_name().unwrap_or("root").to_owned(),
            path,
            root: RepoPath::root(),
            sync: Vec::new(),
            instance: None,
        }
    }
}

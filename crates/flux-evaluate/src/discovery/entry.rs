//! A cluster entry.

use source_tree::{ObjectRef, Place, RepoPath};

use crate::flux::{FluxInstance, Source};

/// A cluster entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The cluster's name: what tells it apart from the other entries.
    pub name: String,
    /// What a file calls the cluster, by its own name.
    pub(crate) called: Option<String>,
    /// The entry folder in the repository.
    pub path: RepoPath,
    /// Further folders that are applied to the same cluster.
    pub joined: Vec<RepoPath>,
    /// What makes the folder an entry.
    pub kind: EntryKind,
    /// The folder that is pushed as the artifact; the root but for sources of a sub-folder.
    pub root: RepoPath,
    /// Sources that bootstrapping makes of this repository.
    pub(crate) sync: Vec<SyncSource>,
    /// The files with the Kustomization that reconciles the entry, and with its source. Whoever bootstrapped the cluster has
    /// applied them, whether the entry's build holds them or not.
    pub(crate) bootstrap_files: Vec<RepoPath>,
    /// Files that `flux bootstrap` writes, that a kustomization file lists and that the repository does not hold.
    pub(crate) uncommitted: Vec<RepoPath>,
    /// The FluxInstance that reconciles the entry.
    pub(crate) instance: Option<FluxInstance>,
    /// Where that is stated; its marks are those of the discovery, which has a table of files of its own.
    pub(crate) instance_place: Option<Place>,
}

/// What makes a folder an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntryKind {
    /// Flux reconciles it, as files of the repository say.
    #[default]
    Flux,
    /// A kustomization file that nothing in the repository lists or points at. That something outside of it, such as
    /// Terraform or an AKS extension, has a cluster apply it is assumed.
    KustomizationRoot,
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
            called: None,
            path,
            joined: Vec::new(),
            kind: EntryKind::default(),
            root: RepoPath::root(),
            sync: Vec::new(),
            bootstrap_files: Vec::new(),
            uncommitted: Vec::new(),
            instance: None,
            instance_place: None,
        }
    }

    /// Every folder of the entry.
    pub fn folders(&self) -> impl Iterator<Item = &RepoPath> {
        std::iter::once(&self.path).chain(&self.joined)
    }

    /// Takes over the folders of an entry that is applied to the same cluster.
    pub(super) fn join(&mut self, other: Entry) {
        self.joined.push(other.path);
        self.joined.extend(other.joined);
        for sync in other.sync {
            if !self.sync.contains(&sync) {
                self.sync.push(sync);
            }
        }
        if other.kind == EntryKind::Flux {
            self.kind = EntryKind::Flux;
        }
    }
}

//! A cluster entry.

use source_tree::{ObjectRef, Place, RepoPath};

use crate::flux::{FluxInstance, Source};

/// A cluster entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The cluster's name, which distinguishes it from the other entries.
    pub name: String,
    /// The name of the cluster's file, if it has one.
    pub(crate) called: Option<String>,
    /// The entry folder in the repository.
    pub path: RepoPath,
    /// Further folders that are applied to the same cluster.
    pub joined: Vec<RepoPath>,
    /// The folders of the entry that nothing in the repository applies.
    pub assumed: Vec<RepoPath>,
    /// The files that say that Flux reconciles folders of the entry, though they are no manifests: those of Terraform or Bicep.
    pub named_by: Vec<RepoPath>,
    /// The folder that is pushed as the artifact; the root unless the source is pushed from a sub-folder.
    pub root: RepoPath,
    /// Sources that bootstrapping makes of this repository.
    pub(crate) sync: Vec<SyncSource>,
    /// The files of the Kustomization that reconciles the entry, and of its source. Whoever bootstrapped the cluster has
    /// applied them, whether the entry's build contains them or not.
    pub(crate) bootstrap_files: Vec<RepoPath>,
    /// Files of `flux bootstrap` that a kustomization file lists and that are not committed.
    pub(crate) uncommitted: Vec<RepoPath>,
    /// The FluxInstance that reconciles the entry.
    pub(crate) instance: Option<FluxInstance>,
    /// The place of `instance`, whose marks belong to the file table of discovery.
    pub(crate) instance_place: Option<Place>,
}

/// What makes a folder an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Flux reconciles it, as files of the repository say.
    Flux,
    /// It has a kustomization file, and nothing in the repository lists it or points at it. Something outside of it, such as
    /// Terraform or an AKS extension, is assumed to apply it.
    KustomizationRoot,
}

/// A source that is this repository according to a file of bootstrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncSource {
    pub(crate) id: ObjectRef,
    pub(crate) source: Source,
}

impl Entry {
    /// An entry of which only the path is known.
    pub fn bare(path: RepoPath) -> Self {
        Entry {
            name: path.file_name().unwrap_or("root").to_owned(),
            called: None,
            path,
            joined: Vec::new(),
            assumed: Vec::new(),
            named_by: Vec::new(),
            root: RepoPath::root(),
            sync: Vec::new(),
            bootstrap_files: Vec::new(),
            uncommitted: Vec::new(),
            instance: None,
            instance_place: None,
        }
    }

    /// An entry of a folder that something outside of the repository is assumed to apply.
    pub(super) fn assumed(path: RepoPath) -> Self {
        Entry {
            assumed: vec![path.clone()],
            ..Entry::bare(path)
        }
    }

    /// What makes the folders an entry.
    pub fn kind(&self) -> EntryKind {
        match self.folders().all(|folder| self.assumed.contains(folder)) {
            true => EntryKind::KustomizationRoot,
            false => EntryKind::Flux,
        }
    }

    /// Every folder of the entry.
    pub fn folders(&self) -> impl Iterator<Item = &RepoPath> {
        std::iter::once(&self.path).chain(&self.joined)
    }

    /// Adds the folders of an entry that is applied to the same cluster.
    pub(super) fn join(&mut self, other: Entry) {
        self.joined.push(other.path);
        self.joined.extend(other.joined);
        self.assumed.extend(other.assumed);
        self.named_by.extend(other.named_by);
        self.named_by.sort();
        self.named_by.dedup();
        self.add_sources(&other.sync);
    }

    /// Adds sources that are this repository.
    pub(super) fn add_sources(&mut self, sources: &[SyncSource]) {
        for sync in sources {
            if !self.sync.contains(sync) {
                self.sync.push(sync.clone());
            }
        }
    }
}

//! A `sourceRef` turns into the files it stands for, if they are at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize_build::Sources;
use source_tree::{EntryKind, FileTable, Limits, RepoPath, SourceTree, TreeError};

use super::inventory::Inventory;
use crate::discovery::{Entry, SyncSource};
use crate::flux::{ObjectId, Source, same_repository};
use crate::{ArtifactTree, ScanOptions};

/// The artifacts of one evaluation.
pub(super) struct Artifacts {
    tree: Arc<dyn SourceTree>,
    files: Arc<FileTable>,
    limits: Limits,
    /// The folder that is pushed as the repository's artifact.
    root: RepoPath,
    /// Sources that are this repository, by what bootstrapped the cluster.
    sync: Vec<SyncSource>,
    origin_url: Option<String>,
    mapped: BTreeMap<ObjectId, Arc<Sources>>,
    // By `spec.ignore`.
    own: Mutex<HashMap<Option<String>, Arc<Sources>>>,
}

/// What stands behind a `sourceRef`.
#[derive(Clone)]
pub(super) enum Resolved {
    /// This repository, or a part of it.
    Own(Arc<Sources>),
    /// Content from elsewhere that is at hand.
    Other(Arc<Sources>),
    /// The source exists, its content is not at hand.
    Unresolved,
    /// Nothing states the source.
    Missing,
}

impl Resolved {
    /// The files, where they are at hand.
    pub(super) fn sources(&self) -> Option<&Arc<Sources>> {
        match self {
            Resolved::Own(sources) | Resolved::Other(sources) => Some(sources),
            Resolved::Unresolved | Resolved::Missing => None,
        }
    }
}

impl Resolved {
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Resolved::Missing)
    }
}

impl Artifacts {
    pub(super) fn new(
        tree: Arc<dyn SourceTree>,
        files: Arc<FileTable>,
        entry: &Entry,
        options: &ScanOptions,
    ) -> Self {
        let mapped = options.sources.iter().map(|(name, tree)| {
            let labelled = LabelledTree {
                tree: Arc::new(ArtifactTree::new(Arc::clone(tree), RepoPath::root(), None)),
                label: format!("{name}:"),
            };
            let id = ObjectId::new(&name.kind, &name.namespace, &name.name);
            let sources = Sources::new(Arc::new(labelled), Arc::clone(&files), options.limits);
            (id, Arc::new(sources))
        });
        Artifacts {
            mapped: mapped.collect(),
            tree,
            files,
            limits: options.limits,
            root: entry.root.clone(),
            sync: entry.sync.clone(),
            origin_url: options.origin_url.clone(),
            own: Mutex::default(),
        }
    }

    /// The repository's own artifact.
    pub(super) fn own(&self, ignore: Option<&str>) -> Arc<Sources> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = own.entry(ignore.map(str::to_owned)).or_insert_with(|| {
            let tree = ArtifactTree::new(Arc::clone(&self.tree), self.root.clone(), ignore);
            Arc::new(Sources::new(Arc::new(tree), Arc::clone(&self.files), self.limits))
        });
        Arc::clone(sources)
    }

    /// What stands behind a source. `bare` names sources that nothing states and that are taken for this repository.
    pub(super) fn resolve(
        &self,
        id: &ObjectId,
        inventory: &Inventory<'_>,
        bare: &BTreeSet<ObjectId>,
    ) -> Resolved {
        if let Some(sources) = self.mapped.get(id) {
            return Resolved::Other(Arc::clone(sources));
        }
        let stated = inventory.sources.get(id).map(|(source, _)| source);
        let bootstrapped = self.sync.iter().find(|sync| sync.id == *id);
        if bootstrapped.is_some() || stated.is_some_and(|source| self.is_own(source)) {
            let ignore = stated
                .or(bootstrapped.map(|sync| &sync.source))
                .and_then(|s| s.ignore.as_deref());
            return Resolved::Own(self.own(ignore));
        }
        match stated {
            _ if bare.contains(id) => Resolved::Own(self.own(None)),
            Some(_) => Resolved::Unresolved,
            None => Resolved::Missing,
        }
    }

    /// Whether bootstrapping tells which source is this repository.
    pub(super) fn knows_sync(&self) -> bool {
        !self.sync.is_empty()
    }

    /// Whether a source has the repository's URL, and its branch as far as that is known.
    fn is_own(&self, source: &Source) -> bool {
        let Some(url) = &source.url else { return false };
        let same_branch = |known: Option<&str>| match (known, source.reference.as_deref()) {
            (Some(known), Some(stated)) => known == stated,
            (None, Some(stated)) => matches!(stated, "main" | "master"),
            (_, None) => true,
        };
        let by_sync = self.sync.iter().any(|sync| {
            let known = &sync.source;
            known
                .url
                .as_deref()
                .is_some_and(|known| same_repository(known, url))
                && same_branch(known.reference.as_deref())
        });
        let known_branch = self.sync.iter().find_map(|sync| sync.source.reference.as_deref());
        let by_origin = self
            .origin_url
            .as_deref()
            .is_some_and(|origin| same_repository(origin, url));
        by_sync || (by_origin && same_branch(known_branch))
    }
}

/// A tree whose files are named after the source that they come from, so that they do not pass for the repository's.
struct LabelledTree {
    tree: Arc<dyn SourceTree>,
    label: String,
}

impl SourceTree for LabelledTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.tree.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.tree.kind(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        RepoPath::new(&format!("{}{}", self.label, self.tree.provenance(path)))
    }
}

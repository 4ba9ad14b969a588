//! The files behind a `sourceRef`, as far as they are available.

mod artifact;
mod own;
mod pushed;
pub(super) mod resolved;
pub(super) mod trees;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use foldhash::HashMap;
use kustomize_build::{ParsedFiles, Sources};
use source_tree::{Budget, Limits, ObjectRef, Place, ReadRecord, RepoPath, SourceTree};

use crate::discovery::{Entry, SyncSource};
use crate::evaluate::include::{Outcome, Resolving};
use crate::evaluate::typed_objects::TypedObjects;
use crate::flux::{Include, Source};
use crate::{RemoteRequest, ScanOptions, SourceContent, SourceContents, Unavailable};

use artifact::{Includes, Recipe};
use pushed::Push;

pub(super) use resolved::Resolved;

/// The artifacts of one evaluation.
pub(super) struct Artifacts {
    tree: Arc<dyn SourceTree>,
    parsed: Arc<ParsedFiles>,
    limits: Limits,
    budget: Arc<Budget>,
    /// The folder that is pushed as the repository's artifact.
    root: RepoPath,
    /// Sources that are this repository according to files of bootstrapping.
    sync: Vec<SyncSource>,
    /// Files that bootstrapping has yet to write, relative to `root`.
    uncommitted: Vec<RepoPath>,
    remotes: Vec<String>,
    branches: Vec<String>,
    reads: Option<Arc<ReadRecord>>,
    contents: Arc<dyn SourceContents>,
    /// What scripts of the repository push, read when an OCIRepository is not this repository.
    pushes: OnceLock<Vec<Push>>,
    known: Mutex<HashMap<Recipe, Arc<Sources>>>,
}

impl Artifacts {
    pub(super) fn new(
        tree: Arc<dyn SourceTree>,
        entry: &Entry,
        options: &ScanOptions,
        budget: Arc<Budget>,
    ) -> Self {
        Artifacts {
            reads: options.reads.clone(),
            contents: options.contents(),
            tree,
            parsed: Arc::clone(&options.parsed),
            limits: options.limits,
            budget,
            root: entry.root.clone(),
            sync: entry.sync.clone(),
            uncommitted: entry
                .uncommitted
                .iter()
                .filter_map(|path| path.strip_prefix(&entry.root))
                .collect(),
            remotes: options.remotes.clone(),
            branches: options.branches.clone(),
            pushes: OnceLock::new(),
            known: Mutex::default(),
        }
    }

    /// The files behind a source. `bare` are sources that nothing defines and that are assumed to be this repository.
    pub(super) fn resolve(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Resolved {
        self.resolve_once(id, &mut Resolving::new(typed, bare)).0
    }

    /// The outcomes of `spec.include` of a source whose content is available.
    pub(super) fn includes(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Vec<(Include, Outcome)> {
        let Ok((source, other)) = self.base(id, typed, bare) else {
            return Vec::new();
        };
        let mut resolving = Resolving::new(typed, bare);
        self.include(other.as_ref(), id, source, &mut resolving).outcomes
    }

    fn resolve_once(&self, id: &ObjectRef, resolving: &mut Resolving<'_>) -> (Resolved, usize) {
        if let Some(known) = resolving.known.get(id) {
            return known.clone();
        }
        let (source, other) = match self.base(id, resolving.typed, resolving.bare) {
            Ok(base) => base,
            Err(resolved) => return (resolved, 0),
        };
        let includes = self.include(other.as_ref(), id, source, resolving);
        let count = includes.count;
        let is_cycle = |(_, outcome): &(Include, Outcome)| matches!(outcome, Outcome::Cycle);
        if includes.outcomes.iter().any(is_cycle) {
            resolving.stuck.insert(id.clone());
        }
        let sources = self.artifact(other.as_ref(), id, source, includes);
        let resolved = match other {
            None => Resolved::Own(sources),
            Some(_) => Resolved::Other(sources),
        };
        resolving.known.insert(id.clone(), (resolved.clone(), count));
        (resolved, count)
    }

    /// The folder of the repository that a script pushes as the content of an OCIRepository, and the place of the push. The
    /// script is one of the files that decide the catalogs.
    pub(super) fn pushed_folder(&self, id: &ObjectRef, source: &Source) -> Option<(RepoPath, Place)> {
        let url = source.url.as_deref().filter(|_| id.kind == "OCIRepository")?;
        let pushes = self
            .pushes
            .get_or_init(|| pushed::pushes(&*self.tree, &self.remotes));
        let (folder, place) = pushed::folder_of(pushes, url, &*self.tree)?;
        if let Some(reads) = &self.reads {
            reads.note_file(place.file.clone());
        }
        Some((folder, place.clone()))
    }

    /// Whether only the cache lacks files behind a URL.
    pub(super) fn is_not_cached(&self, remote: &RemoteRequest<'_>) -> bool {
        let content = self.contents.remote(remote);
        matches!(
            content,
            SourceContent::Unavailable(Unavailable { is_locked: true, .. })
        )
    }
}

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

use artifact::{Base, Includes, Recipe};
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
    /// Sources that are this repository, by what bootstrapped the cluster.
    sync: Vec<SyncSource>,
    /// Files that bootstrapping writes into the repository, from its root on.
    uncommitted: Vec<RepoPath>,
    remotes: Vec<String>,
    branches: Vec<String>,
    reads: Option<Arc<ReadRecord>>,
    contents: Arc<dyn SourceContents>,
    /// What scripts of the repository push, read when an OCIRepository is not this repository.
    pushes: OnceLock<Vec<Push>>,
    made: Mutex<HashMap<Recipe, Arc<Sources>>>,
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
            made: Mutex::default(),
        }
    }

    /// What stands behind a source. `bare` names sources that nothing states and that are taken for this repository.
    pub(super) fn resolve(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Resolved {
        let mut resolving = Resolving::default();
        self.resolve_once(id, typed, bare, &mut resolving).0
    }

    /// What becomes of the entries of `spec.include` of a source whose content is at hand.
    pub(super) fn includes(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Vec<(Include, Outcome)> {
        let mut resolving = Resolving::default();
        let (other, source) = match self.base(id, typed, bare) {
            Base::Own(source) => (None, source),
            Base::Other(source, tree) => (Some(tree), source),
            Base::Unresolved(_) | Base::Missing => return Vec::new(),
        };
        self.include(other.as_ref(), id, source, typed, bare, &mut resolving)
            .outcomes
    }

    fn resolve_once(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
        resolving: &mut Resolving,
    ) -> (Resolved, usize) {
        if let Some(known) = resolving.known.get(id) {
            return known.clone();
        }
        let (other, source) = match self.base(id, typed, bare) {
            Base::Own(source) => (None, source),
            Base::Other(source, tree) => (Some(tree), source),
            Base::Unresolved(why) => return (Resolved::Unresolved(why), 0),
            Base::Missing => return (Resolved::Missing, 0),
        };
        let includes = self.include(other.as_ref(), id, source, typed, bare, resolving);
        let count = includes.count;
        let is_circle = |(_, outcome): &(Include, Outcome)| matches!(outcome, Outcome::Circle);
        if includes.outcomes.iter().any(is_circle) {
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

    /// Whether only the cache lacks what a kustomization names by URL.
    pub(super) fn is_not_cached(&self, remote: &RemoteRequest<'_>) -> bool {
        let content = self.contents.remote(remote);
        matches!(
            content,
            SourceContent::Unavailable(Unavailable { is_locked: true, .. })
        )
    }
}

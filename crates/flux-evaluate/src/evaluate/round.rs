//! The constant parts of an evaluation, and one round's view of the last one's results.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;
use kustomize_build::Sources;
use source_tree::{Budget, FileTable, Mark, ObjectRef, Place, RepoPath, SourceTree};

use super::build::Builds;
use super::outside::Outside;
use super::reach::Reach;
use super::sources::{Artifacts, Resolved};
use super::typed_objects::TypedObjects;
use super::variables::SubstituteFrom;
use crate::discovery::Entry;
use crate::helm::{ChartStore, RenderSettings};
use crate::{Remains, ScanOptions};

/// The constant parts of an evaluation.
pub(super) struct Evaluator<'a> {
    pub(super) tree: Arc<dyn SourceTree>,
    pub(super) files: Arc<FileTable>,
    pub(super) entry: &'a Entry,
    pub(super) entry_in_artifact: RepoPath,
    pub(super) joined_in_artifact: Vec<RepoPath>,
    pub(super) options: &'a ScanOptions,
    pub(super) artifacts: Artifacts,
    pub(super) builds: Builds,
    pub(super) charts: ChartStore,
    pub(super) render_settings: Arc<RenderSettings>,
    pub(super) outside: Outside,
    /// The budget of all builds together.
    pub(super) budget: Arc<Budget>,
    /// Objects that stay in the cluster from before.
    pub(super) remains: Arc<Remains>,
    /// Whether there is work for all cores, so that none is left to read ahead.
    pub(super) busy: AtomicBool,
    /// Whether builds run one after the other.
    pub(super) sequential: bool,
}

/// One round's view of the last one's results.
pub(super) struct Round<'s> {
    pub(super) reach: Reach,
    pub(super) typed: TypedObjects<'s>,
    /// Sources that nothing defines and that are assumed to be this repository.
    pub(super) bare_sources: BTreeSet<ObjectRef>,
    /// The source among them that is defined, with another URL.
    pub(super) assumed: Option<ObjectRef>,
    /// The files behind sources that were asked for.
    pub(super) resolved: Mutex<HashMap<ObjectRef, Resolved>>,
    /// The values of each list of `substituteFrom`.
    pub(super) substitute_from: SubstituteFrom,
}

impl Evaluator<'_> {
    /// The place of `mark`, or that of `object` if no file defines the former.
    pub(super) fn place_or(&self, mark: Mark, object: Mark) -> Option<Place> {
        self.files.place(mark).or_else(|| self.files.place(object))
    }

    /// The files behind a source that is not an ExternalArtifact.
    pub(super) fn resolve(&self, id: &ObjectRef, view: &Round<'_>) -> Resolved {
        let known = || view.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolved) = known().get(id) {
            return resolved.clone();
        }
        let resolved = self.artifacts.resolve(id, &view.typed, &view.bare_sources);
        known().insert(id.clone(), resolved.clone());
        resolved
    }

    /// The files of the repository as a whole.
    pub(super) fn repository(&self) -> Arc<Sources> {
        if self.entry.root.is_root() {
            return self.artifacts.entry();
        }
        self.whole_repository()
    }

    /// The repository, including files that its source excludes from the artifact.
    pub(super) fn whole_repository(&self) -> Arc<Sources> {
        let tree = match &self.options.reads {
            Some(reads) => reads.watch(Arc::clone(&self.tree)),
            None => Arc::clone(&self.tree),
        };
        let sources = Sources::sharing(tree, Arc::clone(&self.options.parsed), self.options.limits);
        Arc::new(sources.with_budget(Arc::clone(&self.budget)))
    }
}

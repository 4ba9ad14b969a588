//! What stays the same over all rounds, and one round's view of the last one's results.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use kustomize_build::Sources;
use source_tree::{Budget, FileTable, ObjectRef, RepoPath, SourceTree};

use super::build::Builds;
use super::outside::Outside;
use super::reach::Reach;
use super::sources::Artifacts;
use super::typed_objects::TypedObjects;
use super::variables::SubstituteFrom;
use crate::discovery::Entry;
use crate::helm::{ChartStore, RenderSettings};
use crate::{Remains, ScanOptions};

/// What stays the same over all rounds.
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
    /// What all releases are rendered with.
    pub(super) render_settings: Arc<RenderSettings>,
    pub(super) outside: Outside,
    /// What all builds may take together.
    pub(super) budget: Arc<Budget>,
    /// What goes on in the cluster from before.
    pub(super) remains: Arc<Remains>,
    /// Whether there is work for all cores, so that none is left to read ahead.
    pub(super) busy: AtomicBool,
    /// Whether builds run one after the other.
    pub(super) in_turn: bool,
}

/// One round's view of the last one's results.
pub(super) struct Round<'s> {
    pub(super) reach: Reach,
    pub(super) typed: TypedObjects<'s>,
    /// Sources that nothing states and that are taken for this repository.
    pub(super) bare_sources: BTreeSet<ObjectRef>,
    /// The source among them that is stated, with another URL.
    pub(super) assumed: Option<ObjectRef>,
    /// What lists of `substituteFrom` come to.
    pub(super) substitute_from: SubstituteFrom,
}

impl Evaluator<'_> {
    /// The files of the repository as a whole.
    pub(super) fn repository(&self) -> Arc<Sources> {
        if self.entry.root.is_root() {
            return self.artifacts.entry();
        }
        self.whole_repository()
    }

    /// The repository with what its source leaves out of the artifact.
    pub(super) fn whole_repository(&self) -> Arc<Sources> {
        let tree = match &self.options.reads {
            Some(reads) => reads.watch(Arc::clone(&self.tree)),
            None => Arc::clone(&self.tree),
        };
        let sources = Sources::sharing(tree, Arc::clone(&self.options.parsed), self.options.limits);
        Arc::new(sources.with_budget(Arc::clone(&self.budget)))
    }
}

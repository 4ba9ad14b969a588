//! `spec.include` of a GitRepository.
//!
//! As `reconcileInclude` of
//! <https://github.com/fluxcd/source-controller/blob/main/internal/controller/gitrepository_controller.go>: the artifact
//! of each other repository is moved to its place before ignore rules apply, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{ObjectRef, RepoPath};

use super::sources::resolved::Resolved;
use super::sources::trees::ReadOnce;
use super::typed_objects::TypedObjects;
use crate::Unavailable;
use crate::artifact::{IncludeTree, Included};
use crate::flux::Include;

/// Most folders in one artifact, counting includes of includes. Repositories that include each other twice per level would
/// otherwise grow without end.
pub(super) const MAX_INCLUDES: usize = 256;

/// Sources that are being resolved, so that no cycle is followed.
pub(super) struct Resolving<'a> {
    pub(super) typed: &'a TypedObjects<'a>,
    /// Sources that nothing defines and that are assumed to be this repository.
    pub(super) bare: &'a BTreeSet<ObjectRef>,
    pub(super) chain: Vec<ObjectRef>,
    /// Resolved sources, with the number of folders that each includes.
    pub(super) known: BTreeMap<ObjectRef, (Resolved, usize)>,
    /// Sources that never have an artifact, because they wait in a cycle or for one.
    pub(super) stuck: BTreeSet<ObjectRef>,
}

impl<'a> Resolving<'a> {
    pub(super) fn new(typed: &'a TypedObjects<'a>, bare: &'a BTreeSet<ObjectRef>) -> Self {
        Resolving {
            typed,
            bare,
            chain: Vec::new(),
            known: BTreeMap::new(),
            stuck: BTreeSet::new(),
        }
    }
}

/// The result of an entry of `spec.include`.
pub(super) enum Outcome {
    Included(Arc<Sources>),
    /// Its repository is defined, but the content is not available.
    Elsewhere(Unavailable),
    /// Nothing defines its repository.
    Missing,
    /// Its repository waits for itself, possibly through others.
    Cycle,
    /// `fromPath` does not exist.
    NotFound,
    /// `toPath` exists already.
    Occupied,
    /// It would exceed [`MAX_INCLUDES`].
    TooMany,
}

impl Outcome {
    /// Adds an artifact to `tree`.
    pub(super) fn include(sources: &Arc<Sources>, include: &Include, tree: &mut IncludeTree) -> Self {
        let Some(kind) = sources.tree().kind(&include.from) else {
            return Outcome::NotFound;
        };
        if tree.is_occupied(&include.to, kind) {
            return Outcome::Occupied;
        }
        tree.include(Included {
            tree: Arc::new(ReadOnce(Arc::clone(sources))),
            from: include.from.clone(),
            to: include.to.clone(),
        });
        Outcome::Included(Arc::clone(sources))
    }

    /// The problem of the repository, as a relative clause. `None` if the content of `toPath` is known.
    pub(super) fn problem(&self, include: &Include) -> Option<String> {
        Some(match self {
            Outcome::Included(_) | Outcome::Occupied => return None,
            Outcome::Elsewhere(why) => format!("whose content is {why}"),
            Outcome::Missing => "which nothing in the repository states".to_owned(),
            Outcome::Cycle => "which never has an artifact, as includes go in a circle".to_owned(),
            Outcome::NotFound => format!("which has no {}", include.from),
            Outcome::TooMany => "which is beyond the bound of includes".to_owned(),
        })
    }
}

/// The folders whose content is unknown, with the reason.
pub(super) fn unknown(id: &ObjectRef, includes: &[(Include, Outcome)]) -> Vec<(RepoPath, String)> {
    let unknown = includes.iter().filter_map(|(include, outcome)| {
        let problem = outcome.problem(include)?;
        let reason = format!("comes from {}, {problem}", other(id, include));
        Some((include.to.clone(), reason))
    });
    unknown.collect()
}

/// The repository that an entry of `spec.include` references.
pub(super) fn other(id: &ObjectRef, include: &Include) -> ObjectRef {
    ObjectRef::new(&id.kind, &id.namespace, &include.repository)
}

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
use crate::Unavailable;
use crate::artifact::{IncludeTree, Included};
use crate::flux::Include;

/// Most folders that includes of includes put into one artifact. Repositories that include each other twice per level
/// would else grow without end.
pub(super) const MAX_INCLUDES: usize = 256;

/// The artifacts that are being resolved, so that no circle is followed.
#[derive(Default)]
pub(super) struct Resolving {
    pub(super) chain: Vec<ObjectRef>,
    /// What is resolved already, with the number of folders in it.
    pub(super) known: BTreeMap<ObjectRef, (Resolved, usize)>,
    /// What never has an artifact, because it waits in a circle or for one.
    pub(super) stuck: BTreeSet<ObjectRef>,
}

/// What becomes of an entry of `spec.include`.
pub(super) enum Outcome {
    /// It is put in.
    PutIn(Arc<Sources>),
    /// Its repository exists, the content cannot be had, and why.
    Elsewhere(Unavailable),
    /// Nothing states its repository.
    Missing,
    /// Its repository waits for itself, perhaps by way of others.
    Circle,
    /// `fromPath` is not in it.
    NotInIt,
    /// Something stands at `toPath`.
    Occupied,
    /// It would put too many folders in.
    TooMany,
}

impl Outcome {
    /// The outcome of putting an artifact at its place.
    pub(super) fn put_in(sources: &Arc<Sources>, include: &Include, tree: &mut IncludeTree) -> Self {
        let Some(kind) = sources.tree().kind(&include.from) else {
            return Outcome::NotInIt;
        };
        if tree.is_occupied(&include.to, kind) {
            return Outcome::Occupied;
        }
        tree.include(Included {
            tree: Arc::new(ReadOnce(Arc::clone(sources))),
            from: include.from.clone(),
            to: include.to.clone(),
        });
        Outcome::PutIn(Arc::clone(sources))
    }

    /// Why nothing is known of `toPath`; nothing where it is known.
    fn reason(&self, include: &Include, other: &ObjectRef) -> Option<String> {
        let why = match self {
            Outcome::PutIn(_) | Outcome::Occupied => return None,
            Outcome::Elsewhere(why) => format!("whose content is {why}"),
            Outcome::Missing => "which nothing in the repository states".to_owned(),
            Outcome::Circle => "which never has an artifact, as includes go in a circle".to_owned(),
            Outcome::NotInIt => format!("which has no {}", include.from),
            Outcome::TooMany => "which is beyond the bound of includes".to_owned(),
        };
        Some(format!("comes from {other}, {why}"))
    }
}

/// The folders of which nothing is known.
pub(super) fn unknown(id: &ObjectRef, includes: &[(Include, Outcome)]) -> Vec<(RepoPath, String)> {
    let unknown = includes.iter().filter_map(|(include, outcome)| {
        let reason = outcome.reason(include, &other(id, include))?;
        Some((include.to.clone(), reason))
    });
    unknown.collect()
}

/// The repository that an entry names.
pub(super) fn other(id: &ObjectRef, include: &Include) -> ObjectRef {
    ObjectRef::new(&id.kind, &id.namespace, &include.repository)
}

//! The content of a `sourceRef`.

use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::ObjectRef;

use crate::Unavailable;

/// The content of a `sourceRef`.
#[derive(Clone)]
pub(in crate::evaluate) enum Resolved {
    /// This repository, or a part of it.
    Own(Arc<Sources>),
    /// Available content from elsewhere.
    Other(Arc<Sources>),
    /// The source is defined, but its content is not available.
    Unresolved(Unavailable),
    /// The ArtifactGenerator that should make it fails.
    NotMade(ObjectRef),
    /// Nothing defines the source.
    Missing,
}

impl Resolved {
    /// The files, if they are available.
    pub(in crate::evaluate) fn sources(&self) -> Option<&Arc<Sources>> {
        match self {
            Resolved::Own(sources) | Resolved::Other(sources) => Some(sources),
            Resolved::Unresolved(_) | Resolved::NotMade(_) | Resolved::Missing => None,
        }
    }

    /// Whether nothing defines the source.
    pub(in crate::evaluate) fn is_missing(&self) -> bool {
        matches!(self, Resolved::Missing)
    }
}

//! Who applies an object.

use std::fmt;

use flux_evaluate::KustomizationId;
use source_tree::ObjectRef;

/// Who applies an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The entry folder, which no Kustomization of the repository points at.
    Entry,
    /// A Flux Kustomization.
    Kustomization(KustomizationId),
    /// An object from which a controller makes others: a HelmRelease, a ResourceSet, a FluxInstance.
    Controller(ObjectRef),
}

impl Owner {
    /// The object from which a controller makes others.
    pub(crate) fn controller(&self) -> Option<&ObjectRef> {
        match self {
            Owner::Controller(object) => Some(object),
            _ => None,
        }
    }
}

impl fmt::Display for Owner {
    /// `Kind/namespace/name`, or `entry`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Entry => f.write_str("entry"),
            Owner::Kustomization(id) => write!(f, "Kustomization/{id}"),
            Owner::Controller(object) => object.fmt(f),
        }
    }
}

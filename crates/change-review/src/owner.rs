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
    /// An object that a controller makes others of: a HelmRelease, a ResourceSet, a FluxInstance.
    Controller(ObjectRef),
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

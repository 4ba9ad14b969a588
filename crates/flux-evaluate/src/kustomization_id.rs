//! The identity of a Flux Kustomization.

use std::fmt;

use smol_str::SmolStr;

/// `namespace/name` of a Flux Kustomization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KustomizationId {
    /// Namespace.
    pub namespace: SmolStr,
    /// Name.
    pub name: SmolStr,
}

impl fmt::Display for KustomizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

//! What is built: the bare entry, or a Kustomization.

use crate::KustomizationId;

/// The name of a build.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    /// The entry without a Kustomization.
    Entry,
    /// A Kustomization.
    Kustomization(KustomizationId),
}

//! What is built: the bare entry, or a Kustomization.

use source_tree::RepoPath;

use crate::KustomizationId;

/// The name of a build.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The entry without a Kustomization.
    Entry,
    /// A further folder of the entry.
    Joined(RepoPath),
    /// A Kustomization.
    Kustomization(KustomizationId),
}

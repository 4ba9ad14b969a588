//! Keys of builds.

use source_tree::RepoPath;

use crate::KustomizationId;

/// A folder of the entry, or a Kustomization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The entry folder, without a Kustomization.
    Entry,
    /// A further folder of the entry.
    Joined(RepoPath),
    /// A Kustomization.
    Kustomization(KustomizationId),
}

impl Key {
    /// The Kustomization, if it is one.
    pub(crate) fn kustomization(&self) -> Option<&KustomizationId> {
        match self {
            Key::Entry | Key::Joined(_) => None,
            Key::Kustomization(id) => Some(id),
        }
    }
}

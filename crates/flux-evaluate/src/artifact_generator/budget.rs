//! Bounds of one generator, and checks of the paths to which it copies.

use std::sync::Arc;

use source_tree::{self, EntryKind, Exhausted, Limits, OverlayTree, RepoPath, SourceTree, Work};

use super::copy_error::CopyError;

/// The budget of one generator.
pub(super) struct Budget {
    shared: Arc<source_tree::Budget>,
    work: Work,
    pub(super) limits: Limits,
}

/// The cost of copying a file, in steps.
const FILE_STEPS: u64 = 100;
/// Memory for a copied file besides its content, which is shared.
const FILE_BYTES: u64 = 500;

impl Budget {
    pub(super) fn new(shared: &Arc<source_tree::Budget>, limits: &Limits) -> Self {
        Budget {
            work: shared.work(),
            shared: Arc::clone(shared),
            limits: *limits,
        }
    }

    /// Pays for a file of the artifact.
    pub(super) fn take_file(&self) -> Result<(), Exhausted> {
        self.shared.take_copy()?;
        self.work.spend(FILE_STEPS)?;
        self.shared.take_memory(FILE_BYTES)
    }

    /// Pays for content that is not shared with a source.
    pub(super) fn take_content(&self, bytes: usize) -> Result<(), Exhausted> {
        self.shared.take_memory(bytes as u64)
    }

    /// Pays for a visited path.
    pub(super) fn take_look(&self) -> Result<(), Exhausted> {
        self.work.spend(FILE_STEPS / 10)
    }
}

/// Checks whether a file can be written to `to` in the artifact.
pub(super) fn check_target(artifact: &OverlayTree, to: &RepoPath) -> Result<(), CopyError> {
    let mut around = to.ancestors().skip(1).take_while(|folder| !folder.is_root());
    let is_conflict = to.is_root()
        || artifact.kind(to) == Some(EntryKind::Directory)
        || around.find_map(|folder| artifact.kind(&folder)) == Some(EntryKind::File);
    match is_conflict {
        true => Err(CopyError::Conflict { to: to.clone() }),
        false => Ok(()),
    }
}

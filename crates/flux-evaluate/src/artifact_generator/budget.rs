//! Bounds of what one generator writes, and whether a place in the artifact may be written to.

use std::sync::Arc;

use source_tree::{self, EntryKind, Exhausted, Limits, OverlayTree, RepoPath, SourceTree, Work};

use super::copy_error::CopyError;

/// How much one generator may copy.
pub(super) struct Budget {
    shared: Arc<source_tree::Budget>,
    work: Work,
    pub(super) limits: Limits,
}

/// What it takes to copy a file, in steps.
const FILE_STEPS: u64 = 100;
/// What a copied file takes in memory beside its content, which is shared.
const FILE_BYTES: u64 = 500;

impl Budget {
    pub(super) fn new(shared: &Arc<source_tree::Budget>, limits: &Limits) -> Self {
        Budget {
            work: shared.work(),
            shared: Arc::clone(shared),
            limits: *limits,
        }
    }

    /// Takes what a file of the artifact takes.
    pub(super) fn take_file(&self) -> Result<(), Exhausted> {
        self.shared.take_copy()?;
        self.work.spend(FILE_STEPS)?;
        self.shared.take_memory(FILE_BYTES)
    }

    /// Takes what a content takes that is in no source.
    pub(super) fn take_content(&self, bytes: usize) -> Result<(), Exhausted> {
        self.shared.take_memory(bytes as u64)
    }

    /// Takes what it takes to look at a path.
    pub(super) fn take_look(&self) -> Result<(), Exhausted> {
        self.work.spend(FILE_STEPS / 10)
    }
}

/// Whether a file can stand at `to` beside what is in the artifact.
pub(super) fn check_target(artifact: &OverlayTree, to: &RepoPath) -> Result<(), CopyError> {
    let conflict = || CopyError::Conflict { to: to.clone() };
    if to.is_root() || artifact.kind(to) == Some(EntryKind::Directory) {
        return Err(conflict());
    }
    let mut folder = to.parent();
    while let Some(path) = folder.filter(|path| !path.is_root()) {
        match artifact.kind(&path) {
            Some(EntryKind::File) => return Err(conflict()),
            // Above a folder that is there nothing can be wrong.
            Some(EntryKind::Directory) => return Ok(()),
            None => folder = path.parent(),
        }
    }
    Ok(())
}

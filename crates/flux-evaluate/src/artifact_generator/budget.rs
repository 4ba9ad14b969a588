//! Bounds of what one generator writes, and whether a place in the artifact may be written to.

use source_tree::{EntryKind, Limits, OverlayTree, RepoPath, SourceTree};

use super::copy_error::CopyError;

/// How much one generator may copy.
pub(super) struct Budget {
    files: usize,
    pub(super) limits: Limits,
}

/// More files than any real generator copies, all artifacts together.
const FILES: usize = 1_000_000;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Budget {
            files: FILES,
            limits: *limits,
        }
    }

    pub(super) fn take_file(&mut self) -> Result<(), CopyError> {
        self.files = self
            .files
            .checked_sub(1)
            .ok_or(CopyError::TooManyFiles { limit: FILES })?;
        Ok(())
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

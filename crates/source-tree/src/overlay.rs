//! A tree with some files put in from elsewhere, as an artifact is composed of copies.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{MemoryTree, RepoPath, SourceTree, TreeAround, TreeError};

/// A tree of files copied from other trees. Each remembers where a person edits it.
#[derive(Clone, Debug, Default)]
pub struct OverlayTree {
    files: MemoryTree,
    provenance: BTreeMap<RepoPath, RepoPath>,
}

impl OverlayTree {
    /// An empty tree.
    pub fn new() -> Self {
        OverlayTree::default()
    }

    /// Copies `from` of `tree` (one file) to `to`.
    ///
    /// # Errors
    /// As [`SourceTree::read`].
    pub fn copy(&mut self, tree: &dyn SourceTree, from: &RepoPath, to: &RepoPath) -> Result<(), TreeError> {
        let bytes = tree.read(from)?;
        self.insert(to, bytes, tree.provenance(from));
        Ok(())
    }

    /// Puts bytes in at `to`, edited at `provenance`.
    pub fn insert(&mut self, to: &RepoPath, bytes: Arc<[u8]>, provenance: RepoPath) {
        self.files.insert(to.clone(), bytes);
        self.provenance.insert(to.clone(), provenance);
    }
}

impl TreeAround for OverlayTree {
    fn inner(&self) -> &dyn SourceTree {
        &self.files
    }

    fn edited_at(&self, path: &RepoPath) -> RepoPath {
        self.provenance.get(path).unwrap_or(path).clone()
    }
}

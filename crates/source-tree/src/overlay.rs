//! A tree composed of files of other trees, as an artifact of an ArtifactGenerator is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{MemoryTree, RepoPath, SourceTree, TreeAround, TreeError};

/// A tree of files copied from other trees. Each remembers the path at which people edit it.
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

    /// Copies the file `from` of `tree` to `to`.
    ///
    /// # Errors
    /// As [`SourceTree::read`].
    pub fn copy(&mut self, tree: &dyn SourceTree, from: &RepoPath, to: &RepoPath) -> Result<(), TreeError> {
        let bytes = tree.read(from)?;
        self.insert(to, bytes, tree.provenance(from));
        Ok(())
    }

    /// Adds a file at `to` that people edit at `provenance`.
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

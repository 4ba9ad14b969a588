//! A tree with some files put in from elsewhere, as an artifact is composed of copies.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{EntryKind, MemoryTree, RepoPath, SourceTree, TreeError};

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

impl SourceTree for OverlayTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.files.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.files.list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.files.list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.files.kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.files.canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.provenance.get(path).unwrap_or(path).clone()
    }
}

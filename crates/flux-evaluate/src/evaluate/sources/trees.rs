//! File trees around another one: one that labels its files by their source, and one that reads each file once.

use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{RepoPath, SourceTree, TreeAround, TreeError};

/// A tree whose files are labelled by their source, to distinguish them from the repository's.
pub(super) struct LabelledTree {
    pub(super) tree: Arc<dyn SourceTree>,
    pub(super) label: String,
}

impl TreeAround for LabelledTree {
    fn inner(&self) -> &dyn SourceTree {
        &*self.tree
    }

    fn edited_at(&self, path: &RepoPath) -> RepoPath {
        RepoPath::new(&format!("{}{}", self.label, self.tree.provenance(path)))
    }
}

/// The files of an artifact. Each is read only once, however many trees use it.
pub(in crate::evaluate) struct ReadOnce(pub(in crate::evaluate) Arc<Sources>);

impl TreeAround for ReadOnce {
    fn inner(&self) -> &dyn SourceTree {
        self.0.tree()
    }

    fn read_file(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        match self.0.bytes(path) {
            Ok(bytes) => Ok(bytes),
            // Returns the tree's own error.
            Err(_) => self.0.tree().read(path),
        }
    }
}

//! File trees around another one: one that says where its content is from, and one that reads each file once.

use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{EntryKind, RepoPath, SourceTree, TreeError};

/// A tree whose files are named after the source that they come from, so that they do not pass for the repository's.
pub(super) struct LabelledTree {
    pub(super) tree: Arc<dyn SourceTree>,
    pub(super) label: String,
}

impl SourceTree for LabelledTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.tree.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.tree.kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.tree.canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        RepoPath::new(&format!("{}{}", self.label, self.tree.provenance(path)))
    }
}

/// The files of an artifact, each read once however many trees are made of it.
pub(in crate::evaluate) struct ReadOnce(pub(in crate::evaluate) Arc<Sources>);

impl SourceTree for ReadOnce {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        match self.0.bytes(path) {
            Ok(bytes) => Ok(bytes),
            // The tree says what is wrong in its own words.
            Err(_) => self.0.tree().read(path),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.tree().list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.tree().list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.0.tree().kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.0.tree().canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.0.tree().provenance(path)
    }
}

//! A [`SourceTree`] of a packed artifact, which is unpacked on first use.

use std::sync::{Arc, OnceLock};

use source_tree::{EntryKind, Limits, MemoryTree, RepoPath, SourceTree, TreeError};

use crate::archive::unpack;
use crate::blob_tree::Unread;

/// The files of an archive.
pub(crate) struct ArchiveTree {
    bytes: Vec<u8>,
    limits: Limits,
    files: OnceLock<Option<MemoryTree>>,
    unread: Unread,
}

impl ArchiveTree {
    pub(crate) fn new(bytes: Vec<u8>, limits: Limits, unread: Unread) -> Self {
        ArchiveTree {
            bytes,
            limits,
            files: OnceLock::new(),
            unread,
        }
    }

    fn files(&self, path: &RepoPath) -> Result<&MemoryTree, TreeError> {
        let files = self
            .files
            .get_or_init(|| match unpack(&self.bytes, &self.limits) {
                Ok(files) => Some(files),
                Err(error) => {
                    let _ = self.unread.set(error.to_string());
                    None
                }
            });
        files.as_ref().ok_or_else(|| TreeError::Elsewhere {
            path: path.clone(),
            reason: self.unread.get().cloned().unwrap_or_default(),
        })
    }
}

impl SourceTree for ArchiveTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.files(path)?.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.files(path)?.list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.files(path)?.list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.files(path).ok()?.kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.files(path)?.canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        path.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_unpacked_is_said_by_who_looks() {
        let unread = Unread::default();
        let tree = ArchiveTree::new(b"no archive".to_vec(), Limits::default(), Arc::clone(&unread));
        assert!(unread.get().is_none());
        let path = RepoPath::new("a.yaml");
        assert!(matches!(tree.read(&path), Err(TreeError::Elsewhere { .. })));
        assert_eq!(tree.kind(&path), None);
        assert_eq!(
            unread.get().map(String::as_str),
            Some("it cannot be unpacked: it is not compressed by gzip")
        );
    }
}

//! What is asked of trees, by the paths at which people edit the files.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashSet;

use crate::{EntryKind, RepoPath, SourceTree, TreeError};

/// Collects what is asked of the trees that it watches, until it is closed.
#[derive(Debug, Default)]
pub struct ReadRecord {
    asked: Mutex<Asked>,
    closed: AtomicBool,
}

/// Paths that were asked for, as [`SourceTree::provenance`] has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Files that were read, also those that could not be.
    pub files: HashSet<RepoPath>,
    /// Paths where nothing was.
    pub absent: HashSet<RepoPath>,
    /// Folders that were listed.
    pub folders: HashSet<RepoPath>,
}

impl ReadRecord {
    /// An empty record.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The same tree, whose readers are recorded.
    pub fn watch(self: &Arc<Self>, tree: Arc<dyn SourceTree>) -> Arc<dyn SourceTree> {
        Arc::new(WatchedTree {
            tree,
            record: Arc::clone(self),
        })
    }

    /// Notes that a file was read, which a tree does not see where somebody keeps it. The path is that at which people edit it.
    pub fn note_file(&self, path: RepoPath) {
        self.note(|asked| {
            asked.files.insert(path);
        });
    }

    /// Notes a file that has decided something though no build reads it, also after the end. The path is that at which people edit it.
    pub fn note_deciding(&self, path: RepoPath) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.files.insert(path);
    }

    /// Forgets that nothing was at a path or below it.
    pub fn forget_absent(&self, path: &RepoPath) {
        self.note(|asked| asked.absent.retain(|absent| !absent.starts_with(path)));
    }

    /// Ends the record: what is asked from now on leaves no trace, but for [`ReadRecord::note_deciding`].
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// What was asked.
    pub fn asked(&self) -> Asked {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Asked)) {
        if !self.closed.load(Ordering::Relaxed) {
            note(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

struct WatchedTree {
    tree: Arc<dyn SourceTree>,
    record: Arc<ReadRecord>,
}

impl WatchedTree {
    fn note_absent(&self, path: &RepoPath) {
        // Nothing can come to stand there.
        if path.is_too_long() {
            return;
        }
        let path = self.tree.provenance(path);
        self.record.note(|asked| {
            asked.absent.insert(path);
        });
    }

    fn note_folder(&self, path: &RepoPath) {
        let folder = self.tree.provenance(path);
        self.record.note(|asked| {
            asked.folders.insert(folder);
        });
    }
}

impl SourceTree for WatchedTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let read = self.tree.read(path);
        match &read {
            Err(TreeError::NotFound { .. }) => self.note_absent(path),
            Err(
                TreeError::IsDirectory { .. } | TreeError::NotDirectory { .. } | TreeError::Elsewhere { .. },
            ) => {}
            _ => self.record.note_file(self.tree.provenance(path)),
        }
        read
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.note_folder(path);
        self.tree.list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.note_folder(path);
        self.tree.list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        let kind = self.tree.kind(path);
        if kind.is_none() {
            self.note_absent(path);
        }
        kind
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        let real = self.tree.canonicalize(path);
        if real.is_err() {
            self.note_absent(path);
        }
        real
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.tree.provenance(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryTree;

    #[test]
    fn what_is_asked_is_recorded_until_the_end() {
        let tree: MemoryTree = [("a/x.yaml", "x"), ("a/y.yaml", "y"), ("b", "z")]
            .into_iter()
            .collect();
        let record = ReadRecord::new();
        let tree = record.watch(Arc::new(tree));
        tree.read(&"a/x.yaml".into()).unwrap();
        assert!(tree.read(&"a".into()).is_err());
        assert!(tree.read(&"none".into()).is_err());
        assert_eq!(tree.kind(&"nothing".into()), None);
        assert!(tree.kind(&"b".into()).is_some());
        tree.list(&"a".into()).unwrap();
        record.close();
        tree.read(&"b".into()).unwrap();
        let paths = |paths: &[&str]| paths.iter().map(|path| RepoPath::new(path)).collect();
        assert_eq!(
            record.asked(),
            Asked {
                files: paths(&["a/x.yaml"]),
                absent: paths(&["none", "nothing"]),
                folders: paths(&["a"]),
            }
        );
    }
}

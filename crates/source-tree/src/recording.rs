//! A record of the files, folders and absent paths that are looked up in trees, by the paths at which people edit them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashSet;

use crate::{EntryKind, RepoPath, SourceTree, TreeError};

/// Records the lookups in the trees that it watches, until it is closed.
#[derive(Debug, Default)]
pub struct ReadRecord {
    asked: Mutex<Asked>,
    closed: AtomicBool,
}

/// Paths that were looked up, as [`SourceTree::provenance`] returns them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Files that were read, successfully or not.
    pub files: HashSet<RepoPath>,
    /// Paths that did not exist.
    pub absent: HashSet<RepoPath>,
    /// Folders that were listed.
    pub folders: HashSet<RepoPath>,
}

impl ReadRecord {
    /// An empty record.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The tree, with its lookups recorded.
    pub fn watch(self: &Arc<Self>, tree: Arc<dyn SourceTree>) -> Arc<dyn SourceTree> {
        Arc::new(WatchedTree {
            tree,
            record: Arc::clone(self),
        })
    }

    /// Records a file that was taken from a cache, which the tree does not see. The path is the one at which people
    /// edit it.
    pub fn note_file(&self, path: RepoPath) {
        self.note(|asked| {
            asked.files.insert(path);
        });
    }

    /// Records a file that decides something although no build reads it, even once the record is closed. The path is
    /// the one at which people edit it.
    pub fn note_deciding(&self, path: RepoPath) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.files.insert(path);
    }

    /// Forgets the absent paths at or below a path.
    pub fn forget_absent(&self, path: &RepoPath) {
        self.note(|asked| asked.absent.retain(|absent| !absent.starts_with(path)));
    }

    /// Closes the record: only [`ReadRecord::note_deciding`] has an effect from now on.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// The lookups so far.
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
        // No file can ever be created there.
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
    fn lookups_are_recorded_until_the_record_ends() {
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

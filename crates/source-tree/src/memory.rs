//! A [`SourceTree`] of texts by path, for tests and library users.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{EntryKind, RepoPath, SourceTree, TreeError, canonicalize_without_links};

/// A tree in memory. A folder exists if a file is below it.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<RepoPath, Arc<[u8]>>,
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> Self {
        MemoryTree::default()
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<RepoPath>, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(files: I) -> Self {
        let mut tree = MemoryTree::new();
        for (path, text) in files {
            tree.insert(path, text.as_bytes());
        }
        tree
    }
}

impl SourceTree for MemoryTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        match self.files.get(path) {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None if self.kind(path).is_some() => Err(TreeError::IsDirectory { path: path.clone() }),
            None => Err(TreeError::NotFound { path: path.clone() }),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        match self.kind(path) {
            Some(EntryKind::Directory) => {}
            Some(EntryKind::File) => return Err(TreeError::NotDirectory { path: path.clone() }),
            None => return Err(TreeError::NotFound { path: path.clone() }),
        }
        let mut entries = BTreeMap::new();
        for below in self.below(path) {
            let mut parts = below.parts();
            if let Some(name) = parts.next() {
                let kind = if parts.next().is_some() {
                    EntryKind::Directory
                } else {
                    EntryKind::File
                };
                entries.insert(name.to_owned(), kind);
            }
        }
        Ok(entries.into_iter().collect())
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        if self.files.contains_key(path) {
            return Some(EntryKind::File);
        }
        (path.is_root() || self.below(path).next().is_some()).then_some(EntryKind::Directory)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        canonicalize_without_links(self, path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        path.clone()
    }
}

impl MemoryTree {
    /// The paths of the files below `folder`, relative to it.
    fn below(&self, folder: &RepoPath) -> impl Iterator<Item = RepoPath> {
        // The files of a folder are not neighbours in byte order (`a-b` sorts before `a/b`), so skip those that are not
        // below it.
        let start = if folder.is_root() {
            folder.clone()
        } else {
            RepoPath::new(folder.as_str())
        };
        let text = start.as_str().to_owned();
        self.files
            .range(start.clone()..)
            .take_while(move |(path, _)| path.as_str().starts_with(&text))
            .filter_map(move |(path, _)| path.strip_prefix(&start))
            .filter(|rest| !rest.is_root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_from_the_paths_of_files() {
        let tree: MemoryTree = [("a/b.yaml", "x"), ("a-b/c.yaml", "y"), ("a/d/e", "z")]
            .into_iter()
            .collect();
        let names = |path: &str| tree.list(&RepoPath::new(path)).unwrap();
        assert_eq!(
            names(""),
            [
                ("a".into(), EntryKind::Directory),
                ("a-b".into(), EntryKind::Directory)
            ]
        );
        assert_eq!(
            names("a"),
            [
                ("b.yaml".into(), EntryKind::File),
                ("d".into(), EntryKind::Directory)
            ]
        );
        assert_eq!(&*tree.read(&"a/b.yaml".into()).unwrap(), b"x");
        assert!(matches!(
            tree.read(&"a".into()),
            Err(TreeError::IsDirectory { .. })
        ));
        assert!(matches!(tree.list(&"q".into()), Err(TreeError::NotFound { .. })));
    }
}

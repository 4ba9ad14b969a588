//! A [`SourceTree`] of a listing, whose files are read from the cache on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use source_tree::{EntryKind, RepoPath, SourceTree, TreeError, canonicalize_without_links};

use crate::{Digest, Listing, SourceCache};

/// Why a file could not be read; empty if all could.
pub(crate) type Unread = Arc<OnceLock<String>>;

/// The files of a [`Listing`].
pub(crate) struct BlobTree {
    cache: SourceCache,
    /// Largest file that is read, in bytes.
    limit: u64,
    files: BTreeMap<RepoPath, (Digest, u64)>,
    folders: BTreeMap<RepoPath, BTreeMap<String, EntryKind>>,
    unread: Unread,
}

impl BlobTree {
    pub(crate) fn new(cache: SourceCache, listing: &Listing, limit: u64, unread: Unread) -> Self {
        let mut tree = BlobTree {
            cache,
            limit,
            files: BTreeMap::new(),
            folders: BTreeMap::from([(RepoPath::root(), BTreeMap::new())]),
            unread,
        };
        for (path, file) in listing.files() {
            tree.files.insert(path.clone(), (file.digest.clone(), file.bytes));
            let mut kind = EntryKind::File;
            let mut below = path.clone();
            while let (Some(folder), Some(name)) = (below.parent(), below.file_name()) {
                let entries = tree.folders.entry(folder.clone()).or_default();
                let was_known = entries.insert(name.to_owned(), kind).is_some();
                if was_known {
                    break;
                }
                kind = EntryKind::Directory;
                below = folder;
            }
        }
        tree
    }
}

impl SourceTree for BlobTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let Some((digest, bytes)) = self.files.get(path) else {
            return Err(match self.folders.contains_key(path) {
                true => TreeError::IsDirectory { path: path.clone() },
                false => TreeError::NotFound { path: path.clone() },
            });
        };
        if *bytes > self.limit {
            return Err(TreeError::TooLarge {
                path: path.clone(),
                bytes: *bytes,
                limit: self.limit,
            });
        }
        match self.cache.read(digest) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => {
                let reason = error.to_string();
                let _ = self.unread.set(reason.clone());
                Err(TreeError::Elsewhere {
                    path: path.clone(),
                    reason,
                })
            }
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        match self.folders.get(path) {
            Some(entries) => Ok(entries.iter().map(|(name, kind)| (name.clone(), *kind)).collect()),
            None if self.files.contains_key(path) => Err(TreeError::NotDirectory { path: path.clone() }),
            None => Err(TreeError::NotFound { path: path.clone() }),
        }
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        if self.files.contains_key(path) {
            return Some(EntryKind::File);
        }
        self.folders.contains_key(path).then_some(EntryKind::Directory)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        canonicalize_without_links(self, path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        path.clone()
    }
}

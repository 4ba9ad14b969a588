//! The interface to files.

use std::sync::Arc;

use thiserror::Error;

use crate::RepoPath;

/// What stands at a path, after symlinks inside the root are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
}

/// Confined, read-only access to one tree of files. The only way to files for every later stage.
///
/// No method has a default: a tree that wraps another one and forgets to pass a call on would silently answer for itself.
pub trait SourceTree: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// [`TreeError`] where nothing, or something other than a file within the size limit, stands at `path`.
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError>;

    /// The names in a folder with what they are, sorted by name bytewise. A symlink that leaves the tree is listed as a
    /// file, and refused when it is read.
    ///
    /// # Errors
    /// [`TreeError`] where no folder stands at `path`.
    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError>;

    /// As [`SourceTree::list`], but without symlinks, which a Flux artifact does not hold.
    ///
    /// # Errors
    /// As [`SourceTree::list`].
    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError>;

    /// What stands at `path`; `None` for nothing, or for a symlink that leaves the tree or does not end.
    fn kind(&self, path: &RepoPath) -> Option<EntryKind>;

    /// `path` with every symlink resolved; the path itself where the tree has no links.
    ///
    /// # Errors
    /// [`TreeError`] where nothing stands at `path`, or its symlinks leave the tree.
    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError>;

    /// Where a person edits the file at `path`: itself, but for trees that copy files from elsewhere.
    fn provenance(&self, path: &RepoPath) -> RepoPath;
}

/// A tree around another one, different in what its files hold or where people edit them. All else is passed on, so that none of
/// these methods answers for itself.
pub trait TreeAround: Send + Sync {
    /// The other tree.
    fn inner(&self) -> &dyn SourceTree;

    /// [`SourceTree::read`]
    ///
    /// # Errors
    /// As there.
    fn read_file(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.inner().read(path)
    }

    /// [`SourceTree::provenance`]
    fn edited_at(&self, path: &RepoPath) -> RepoPath {
        self.inner().provenance(path)
    }
}

impl<T: TreeAround> SourceTree for T {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.read_file(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.inner().list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.inner().list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.inner().kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.inner().canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.edited_at(path)
    }
}

/// `path` itself where something stands at it: [`SourceTree::canonicalize`] of a tree without symlinks.
///
/// # Errors
/// [`TreeError::NotFound`] where nothing stands there.
pub fn canonicalize_without_links(tree: &dyn SourceTree, path: &RepoPath) -> Result<RepoPath, TreeError> {
    match tree.kind(path) {
        Some(_) => Ok(path.clone()),
        None => Err(TreeError::NotFound { path: path.clone() }),
    }
}

/// Why a path could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TreeError {
    /// Nothing stands there.
    #[error("{path}: no such file or directory")]
    NotFound {
        /// The path that was asked for.
        path: RepoPath,
    },
    /// A folder where a file is needed.
    #[error("{path}: is a directory")]
    IsDirectory {
        /// The path that was asked for.
        path: RepoPath,
    },
    /// A file where a folder is needed.
    #[error("{path}: not a directory")]
    NotDirectory {
        /// The path that was asked for.
        path: RepoPath,
    },
    /// A symlink leads out of the tree.
    #[error("{path}: leaves the repository")]
    Escapes {
        /// The path that was asked for.
        path: RepoPath,
    },
    /// The file is larger than the limit.
    #[error("{path}: {bytes} bytes is over the limit of {limit} bytes")]
    TooLarge {
        /// The path that was asked for.
        path: RepoPath,
        /// Its size.
        bytes: u64,
        /// The limit, from [`Limits::file_bytes`](crate::Limits::file_bytes).
        limit: u64,
    },
    /// The path belongs to a tree that is not at hand.
    #[error("{path}: {reason}")]
    Elsewhere {
        /// The path that was asked for.
        path: RepoPath,
        /// What it comes from, and why that is not at hand.
        reason: String,
    },
    /// The operating system said no.
    #[error("{path}: {message}")]
    Io {
        /// The path that was asked for.
        path: RepoPath,
        /// The system's words.
        message: String,
    },
}

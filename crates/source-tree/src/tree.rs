//! `SourceTree`, the interface to files.

use std::sync::Arc;

use thiserror::Error;

use crate::RepoPath;

/// The kind of an entry, after symlinks inside the root are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
}

/// Confined, read-only access to one tree of files. Every later stage reads files through it only.
///
/// No method has a default: a wrapper that forgets to forward one must not compile.
pub trait SourceTree: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// [`TreeError`] unless `path` is a file within the size limit.
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError>;

    /// The names in a folder and their kinds, sorted bytewise by name. A symlink that leaves the tree is listed as a
    /// file, and refused when it is read.
    ///
    /// # Errors
    /// [`TreeError`] if `path` is not a folder.
    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError>;

    /// As [`SourceTree::list`], but without symlinks, which a Flux artifact does not contain.
    ///
    /// # Errors
    /// As [`SourceTree::list`].
    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError>;

    /// The kind of `path`; `None` if nothing exists there, or for a symlink that leaves the tree or is part of a loop.
    fn kind(&self, path: &RepoPath) -> Option<EntryKind>;

    /// `path` with every symlink resolved; the path itself in trees without links.
    ///
    /// # Errors
    /// [`TreeError`] if nothing exists at `path`, or its symlinks leave the tree.
    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError>;

    /// The path at which people edit the file at `path`: itself, except in trees that copy files from elsewhere.
    fn provenance(&self, path: &RepoPath) -> RepoPath;
}

/// A wrapper around another tree that changes the content of files or the paths at which people edit them. Everything
/// else is forwarded.
pub trait TreeAround: Send + Sync {
    /// The wrapped tree.
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

/// [`SourceTree::canonicalize`] for trees without symlinks: `path` itself if it exists.
///
/// # Errors
/// [`TreeError::NotFound`] if it does not exist.
pub fn canonicalize_without_links(tree: &dyn SourceTree, path: &RepoPath) -> Result<RepoPath, TreeError> {
    match tree.kind(path) {
        Some(_) => Ok(path.clone()),
        None => Err(TreeError::NotFound { path: path.clone() }),
    }
}

/// Why a path could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TreeError {
    /// Nothing exists there.
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
    /// The path belongs to a tree that is not available.
    #[error("{path}: {reason}")]
    Elsewhere {
        /// The path that was asked for.
        path: RepoPath,
        /// Its source, and why that is not available.
        reason: String,
    },
    /// Any other error of the operating system.
    #[error("{path}: {message}")]
    Io {
        /// The path that was asked for.
        path: RepoPath,
        /// The system's message.
        message: String,
    },
}

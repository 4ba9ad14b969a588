//! Errors of copy operations.

use source_tree::{Exhausted, RepoPath, TreeError};
use thiserror::Error;

/// Why an artifact cannot be filled.
#[derive(Debug, Error)]
pub(crate) enum CopyError {
    #[error("copy source {from:?} is not of the form @alias/path")]
    InvalidFrom { from: String },
    /// Also a target outside of the artifact.
    #[error("copy target {to:?} is not of the form @artifact/path")]
    InvalidTo { to: String },
    #[error("no source has the alias {alias:?}")]
    UnknownAlias { alias: String },
    #[error("the content of the source {alias} is not available")]
    Unresolved { alias: String },
    #[error("invalid pattern {pattern:?}")]
    InvalidPattern { pattern: String },
    #[error("{from} does not exist")]
    Missing { from: String },
    #[error("no files match {from}")]
    NoMatch { from: String },
    #[error("all files that match {from} are excluded")]
    AllExcluded { from: String },
    /// A file where a folder is needed, or vice versa; `to` is the path in the artifact.
    #[error("{to} is a file and a folder")]
    Conflict { to: RepoPath },
    /// Only YAML mappings can be merged.
    #[error("{path} cannot be merged: {message}")]
    Merge { path: RepoPath, message: String },
    #[error("strategy Extract needs a file that ends with .tar.gz or .tgz, not {path}")]
    NoArchive { path: RepoPath },
    #[error("{path} cannot be extracted: {message}")]
    Extract { path: RepoPath, message: String },
    #[error("too much is copied: {0}")]
    Exhausted(#[from] Exhausted),
    #[error("{path} holds more than {limit} bytes")]
    TooLarge { path: RepoPath, limit: u64 },
    #[error(transparent)]
    Tree(#[from] TreeError),
}

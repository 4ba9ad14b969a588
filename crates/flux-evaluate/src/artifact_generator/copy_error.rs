//! Why a copy operation fails.

use source_tree::{Exhausted, RepoPath, TreeError};
use thiserror::Error;

/// Why an artifact cannot be filled.
#[derive(Debug, Error)]
pub(crate) enum CopyError {
    /// Not of the form `@alias/path`.
    #[error("copy source {from:?} is not of the form @alias/path")]
    InvalidFrom {
        /// As stated.
        from: String,
    },
    /// Not of the form `@artifact/path`, or out of the artifact.
    #[error("copy target {to:?} is not of the form @artifact/path")]
    InvalidTo {
        /// As stated.
        to: String,
    },
    /// No source has the alias.
    #[error("no source has the alias {alias:?}")]
    UnknownAlias {
        /// As stated.
        alias: String,
    },
    /// The content of the source is not at hand.
    #[error("the content of the source {alias} is not at hand")]
    Unresolved {
        /// As stated.
        alias: String,
    },
    /// A pattern that does not parse.
    #[error("invalid pattern {pattern:?}")]
    InvalidPattern {
        /// As stated.
        pattern: String,
    },
    /// Nothing is there.
    #[error("{from} does not exist")]
    Missing {
        /// As stated.
        from: String,
    },
    /// A pattern that finds nothing.
    #[error("no files match {from}")]
    NoMatch {
        /// As stated.
        from: String,
    },
    /// A pattern of which `exclude` leaves nothing.
    #[error("all files that match {from} are excluded")]
    AllExcluded {
        /// As stated.
        from: String,
    },
    /// A file where a folder is needed, or the other way round.
    #[error("{to} is a file and a folder")]
    Conflict {
        /// The path in the artifact.
        to: RepoPath,
    },
    /// Something other than YAML mappings is to be merged.
    #[error("{path} cannot be merged: {message}")]
    Merge {
        /// The file in its tree.
        path: RepoPath,
        /// Why.
        message: String,
    },
    /// No archive where one is needed.
    #[error("strategy Extract needs a file that ends with .tar.gz or .tgz, not {path}")]
    NoArchive {
        /// The path in the source.
        path: RepoPath,
    },
    /// An archive that does not read.
    #[error("{path} cannot be extracted: {message}")]
    Extract {
        /// The path in the source.
        path: RepoPath,
        /// Why.
        message: String,
    },
    /// A bound.
    #[error("too much is copied: {0}")]
    Exhausted(#[from] Exhausted),
    /// A bound.
    #[error("{path} holds more than {limit} bytes")]
    TooLarge {
        /// The path in the source.
        path: RepoPath,
        /// The bound.
        limit: u64,
    },
    /// A file that cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

//! Errors of strategic merge patches.

use source_tree::Mark;
use thiserror::Error;

use crate::node_edit::WrongKind;

/// Why a patch does not fit an object.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum MergeError {
    /// Object and patch have values of different kinds in the same place.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// A list is too long to merge its items.
    #[error("list is too long to be merged item by item")]
    TooLong {
        /// Its place.
        mark: Mark,
    },
    /// `$patch` is not `delete`, `replace` or `merge`.
    #[error("unknown patch strategy '{word}'")]
    UnknownStrategy {
        /// Its value.
        word: String,
        /// Its place.
        mark: Mark,
    },
}

impl MergeError {
    /// The place of the value.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            MergeError::WrongKind(error) => error.mark,
            MergeError::UnknownStrategy { mark, .. } | MergeError::TooLong { mark } => *mark,
        }
    }
}

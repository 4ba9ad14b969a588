//! Why a strategic merge patch does not fit.

use source_tree::Mark;
use thiserror::Error;

use crate::node_edit::WrongKind;

/// Why a patch does not fit an object.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum MergeError {
    /// Object and patch have values of different shapes in the same place.
    #[error(transparent)]
    WrongKind(#[from] WrongKind),
    /// A list whose items are merged is longer than any real one.
    #[error("list is too long to be merged item by item")]
    TooLong {
        /// Where.
        mark: Mark,
    },
    /// `$patch` says neither `delete` nor `replace` nor `merge`.
    #[error("unknown patch strategy '{word}'")]
    UnknownStrategy {
        /// What it says.
        word: String,
        /// Where.
        mark: Mark,
    },
}

impl MergeError {
    /// The value at fault.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            MergeError::WrongKind(error) => error.mark,
            MergeError::UnknownStrategy { mark, .. } | MergeError::TooLong { mark } => *mark,
        }
    }
}

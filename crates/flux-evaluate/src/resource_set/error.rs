//! What is wrong with a ResourceSet.

use source_tree::Mark;
use thiserror::Error;

/// Why the objects of a ResourceSet cannot be had.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct ResourceSetError {
    /// What is wrong.
    pub(crate) message: String,
    /// The field, or the line of a template.
    pub(crate) mark: Mark,
}

impl ResourceSetError {
    pub(super) fn new(message: impl Into<String>, mark: Mark) -> Self {
        ResourceSetError {
            message: message.into(),
            mark,
        }
    }
}

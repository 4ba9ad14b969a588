//! The error of a ResourceSet.

use source_tree::Mark;
use thiserror::Error;

/// Why a ResourceSet cannot be rendered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct ResourceSetError {
    pub(crate) message: String,
    /// The place of a field, or of a line of a template.
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

//! Why a text is no YAML tree, or a tree cannot be written.

use source_tree::Mark;
use thiserror::Error;

/// Why a text could not be read. The message is the reason alone; the mark says where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("yaml: line {}: {message}", mark.line)]
pub struct ReadError {
    /// File and line.
    pub mark: Mark,
    /// The reason.
    pub message: String,
}

/// Why a tree could not be written.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct WriteError {
    /// The node that has no written form, or its nearest parent with a place.
    pub mark: Mark,
    /// The reason, in the words of the tool whose output is matched.
    pub message: String,
}

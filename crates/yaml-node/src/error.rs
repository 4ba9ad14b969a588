//! Why a text is no YAML tree, or a tree cannot be written.

use std::fmt;

use source_tree::Mark;
use thiserror::Error;

/// Why a text could not be read. It prints as go-yaml's error does: `yaml: line 3: did not find expected key`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct ReadError {
    /// File and line of the problem.
    pub mark: Mark,
    /// The line that go-yaml names, which is seldom that of the problem: it may be the start of the collection around
    /// it, counts from the start of the document in files of many, and is often one too small. 0 where it names none.
    pub reported_line: u32,
    /// The reason alone.
    pub message: String,
}

impl ReadError {
    /// A problem for which go-yaml names no line.
    pub fn new(mark: Mark, message: impl Into<String>) -> Self {
        ReadError {
            mark,
            reported_line: 0,
            message: message.into(),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reported_line {
            0 => write!(f, "yaml: {}", self.message),
            line => write!(f, "yaml: line {line}: {}", self.message),
        }
    }
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

impl WriteError {
    /// An error at a node.
    pub fn new(mark: Mark, message: impl Into<String>) -> Self {
        WriteError {
            mark,
            message: message.into(),
        }
    }
}

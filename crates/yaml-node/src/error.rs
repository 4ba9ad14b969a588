//! Errors of reading and writing.

use std::fmt;

use source_tree::Mark;
use thiserror::Error;

/// Why a text could not be read. It prints as go-yaml's error does: `yaml: line 3: did not find expected key`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub struct ReadError {
    /// File and line of the problem.
    pub mark: Mark,
    /// The line that go-yaml names; 0 if it names none. It is seldom that of the problem: it may be the start of the
    /// collection around it, it counts from the start of the document, and it is often one too small.
    pub reported_line: u32,
    /// Whether the text is not YAML, which kustomize reports as `MalformedYAMLError`. Otherwise the content breaks a
    /// rule, and the error prints as its message alone.
    pub malformed: bool,
    /// The reason alone.
    pub message: String,
}

impl ReadError {
    /// An error about the content of YAML.
    pub fn new(mark: Mark, message: impl Into<String>) -> Self {
        ReadError {
            mark,
            reported_line: 0,
            malformed: false,
            message: message.into(),
        }
    }

    /// A syntax error for which go-yaml names no line.
    pub(crate) fn yaml(mark: Mark, message: impl Into<String>) -> Self {
        ReadError {
            malformed: true,
            ..ReadError::new(mark, message)
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reported_line {
            _ if !self.malformed => f.write_str(&self.message),
            0 => write!(f, "yaml: {}", self.message),
            line => write!(f, "yaml: line {line}: {}", self.message),
        }
    }
}

/// Why a tree could not be written.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct WriteError {
    /// The node that cannot be written, or its nearest parent with a place.
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

//! Why a template or a function fails.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// An error while a template is executed, as Go's `ExecError`:
/// `template: FILE:LINE:COLUMN: executing "NAME" at <NODE>: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecError {
    /// The file, or the name that the text was parsed under.
    pub file: Arc<str>,
    /// Line, 1-based.
    pub line: u32,
    /// Bytes from the start of the line.
    pub column: u32,
    /// The template that was executed.
    pub template: Arc<str>,
    /// The part of the action that failed, as Go prints it.
    pub node: String,
    /// What is wrong; where a function failed, `error calling NAME: ` and its error.
    pub message: String,
    /// The error of a function that executes templates, such as `include`.
    pub cause: Option<Box<FunctionError>>,
    /// Whether a limit was hit: the execution cannot go on whoever would catch the error.
    pub limit: bool,
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "template: {}:{}:{}: executing {} at <{}>: {}",
            self.file,
            self.line,
            self.column,
            crate::slim::quoted(&self.template),
            self.node,
            self.message
        )
    }
}

impl std::error::Error for ExecError {}

/// The error that a function returns.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct FunctionError {
    /// What is wrong, in Go's words.
    pub message: String,
    /// The error of the template that the function executed. The message ends in its text.
    pub exec: Option<Box<ExecError>>,
    /// Whether a limit was hit.
    pub limit: bool,
}

impl FunctionError {
    /// An error that a function returns.
    pub fn new(message: impl Into<String>) -> Self {
        FunctionError {
            message: message.into(),
            exec: None,
            limit: false,
        }
    }

    /// An error for a limit that was hit.
    pub fn limit(message: impl Into<String>) -> Self {
        FunctionError {
            limit: true,
            ..FunctionError::new(message)
        }
    }
}

impl From<ExecError> for FunctionError {
    fn from(error: ExecError) -> Self {
        FunctionError {
            message: error.to_string(),
            limit: error.limit,
            exec: Some(Box::new(error)),
        }
    }
}

impl From<String> for FunctionError {
    fn from(message: String) -> Self {
        FunctionError::new(message)
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> Self {
        FunctionError::new(message)
    }
}

//! Errors of parsing, executing and function calls.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::parse::Tree;
use go_std::quote::quote;

/// Result of executing a part of a template. The error is boxed because it is large and rare.
pub(crate) type ExecResult<T> = Result<T, Box<ExecError>>;

/// Result of a template function.
pub(crate) type FunctionResult<T> = Result<T, FunctionError>;

/// A template that does not parse: `template: FILE:LINE: MESSAGE`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("template: {file}:{line}: {message}")]
pub struct ParseError {
    /// The file, or the name under which the text was parsed.
    pub file: Arc<str>,
    /// Line, 1-based.
    pub line: u32,
    /// The message, without the position.
    pub message: String,
}

/// An error while a template is executed, as Go's `ExecError`:
/// `template: FILE:LINE:COLUMN: executing "NAME" at <NODE>: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecError {
    /// The file, or the name under which the text was parsed.
    pub file: Arc<str>,
    /// Line, 1-based; 0 if the requested template does not exist.
    pub line: u32,
    /// Bytes from the start of the line.
    pub column: u32,
    /// The template that was executed.
    pub template: Arc<str>,
    /// The node that failed, as Go prints it.
    pub node: String,
    /// What is wrong; if a function failed, `error calling NAME: ` and its error.
    pub message: String,
    /// The error of the function that was called.
    pub cause: Option<FunctionError>,
    /// Whether a limit was hit: the execution cannot go on even if a caller handles the error.
    pub limit: bool,
    /// Whether an unknown value was used.
    pub unknown: bool,
}

impl ExecError {
    /// An error before a template starts.
    pub(crate) fn at_start(tree: &Tree, error: FunctionError) -> Self {
        ExecError {
            file: Arc::clone(&tree.source.name),
            line: 1,
            column: 0,
            template: Arc::clone(&tree.name),
            node: tree.name.to_string(),
            message: error.message.clone(),
            limit: error.limit,
            unknown: false,
            cause: Some(error),
        }
    }

    /// An error for a template that does not exist, and so has no position.
    pub(crate) fn undefined(set: &Arc<str>, name: &str) -> Self {
        let (name, set_name) = (quote(name), quote(set));
        ExecError {
            file: Arc::clone(set),
            line: 0,
            column: 0,
            template: Arc::clone(set),
            node: String::new(),
            message: format!("no template {name} associated with template {set_name}"),
            cause: None,
            limit: false,
            unknown: false,
        }
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "template: {}", self.message);
        }
        write!(
            f,
            "template: {}:{}:{}: executing {} at <{}>: {}",
            self.file,
            self.line,
            self.column,
            quote(&self.template),
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
    /// Go's error message.
    pub message: String,
    /// The error of the template that the function executed. The message ends with its text.
    pub exec: Option<Box<ExecError>>,
    /// Whether a limit was hit.
    pub limit: bool,
    /// Whether an unknown value was used.
    pub unknown: bool,
}

impl FunctionError {
    /// An error that a function returns.
    pub fn new(message: impl Into<String>) -> Self {
        FunctionError {
            message: message.into(),
            exec: None,
            limit: false,
            unknown: false,
        }
    }

    /// An error for a limit that was hit.
    pub fn limit(message: impl Into<String>) -> Self {
        FunctionError {
            limit: true,
            ..FunctionError::new(message)
        }
    }

    /// An error for an unknown value.
    pub fn unknown(message: impl Into<String>) -> Self {
        FunctionError {
            unknown: true,
            ..FunctionError::new(message)
        }
    }

    /// The error with a prefix, like `fmt.Errorf("words: %w", err)`.
    #[must_use]
    pub fn context(self, words: &str) -> Self {
        FunctionError {
            message: format!("{words}: {}", self.message),
            ..self
        }
    }
}

impl From<Box<ExecError>> for FunctionError {
    fn from(error: Box<ExecError>) -> Self {
        FunctionError {
            message: error.to_string(),
            limit: error.limit,
            unknown: error.unknown,
            exec: Some(error),
        }
    }
}

impl From<ExecError> for FunctionError {
    fn from(error: ExecError) -> Self {
        Box::new(error).into()
    }
}

impl From<ParseError> for FunctionError {
    fn from(error: ParseError) -> Self {
        FunctionError::new(error.to_string())
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

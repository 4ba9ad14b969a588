//! Exit codes, and failures that end with one.

use std::process::ExitCode;

use thiserror::Error;

/// Exit codes. Scripts rely on them: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; diagnostics may have been printed.
    Done = 0,
    /// A check says no: `regen --check`, `check`, `--fail-on`.
    No = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// Input cannot be read, or holds no cluster entry.
    Input = 3,
    /// Output cannot be written.
    Output = 4,
    /// A query found nothing.
    NotFound = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command ends early: the exit code, the error, and a hint.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, with the place.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// The name that was asked about, if nothing was found.
    pub missed: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(exit: Exit, message: impl ToString) -> Self {
        Failure {
            exit,
            message: message.to_string(),
            hint: None,
            missed: None,
        }
    }

    /// Input cannot be read.
    pub fn input(message: impl ToString) -> Self {
        Failure::new(Exit::Input, message)
    }

    /// The arguments make no sense.
    pub fn usage(message: impl ToString) -> Self {
        Failure::new(Exit::Usage, message)
    }

    /// Output cannot be written.
    pub fn output(message: impl ToString) -> Self {
        Failure::new(Exit::Output, message)
    }

    /// The failure, with a hint how to fix it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The result of writing standard output, with an error as [`Exit::Output`].
pub(crate) fn printed(result: std::io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| Failure::output(format!("cannot write standard output: {error}")))
}

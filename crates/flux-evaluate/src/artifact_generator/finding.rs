//! Diagnostics about ArtifactGenerators.

use source_tree::codes;
use source_tree::{Diagnostic, FileTable, Mark, Severity};
use thiserror::Error;

use super::copy_error::CopyError;

/// A problem and where it stands.
#[derive(Debug)]
pub(crate) struct Finding {
    /// What is wrong.
    pub(crate) problem: Problem,
    /// The field at fault.
    pub(crate) mark: Mark,
}

/// What is wrong.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    /// A source has no content here.
    #[error("the content of {reference}, which artifacts are copied from, is not in this repository")]
    SourceUnresolved {
        /// Its alias in the generator.
        alias: String,
        /// `Kind/namespace/name`.
        reference: String,
    },
    /// The object is not what the API server or the controller accepts.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
    },
    /// An artifact cannot be filled.
    #[error("artifact {artifact}: {error}")]
    Copy {
        /// Its name.
        artifact: String,
        /// Why.
        error: CopyError,
    },
}

impl Finding {
    pub(super) fn invalid(message: impl Into<String>, mark: Mark) -> Self {
        Finding {
            problem: Problem::Invalid {
                message: message.into(),
            },
            mark,
        }
    }

    /// Whether the controller makes no artifact of the generator because of it.
    pub(crate) fn is_failure(&self) -> bool {
        !matches!(self.problem, Problem::SourceUnresolved { .. })
    }

    /// The diagnostic about `object`, as `Kind/namespace/name`.
    pub(crate) fn diagnostic(&self, files: &FileTable, object: &str) -> Diagnostic {
        let (severity, code) = match &self.problem {
            Problem::SourceUnresolved { .. } => (Severity::Info, codes::SOURCE_UNRESOLVED),
            Problem::Invalid { .. } => (Severity::Error, codes::FIELD_INVALID),
            Problem::Copy {
                error: CopyError::Exhausted(_) | CopyError::TooLarge { .. },
                ..
            } => (Severity::Error, codes::LIMIT_REACHED),
            Problem::Copy { .. } => (Severity::Error, codes::BUILD_FAILED),
        };
        let diagnostic = Diagnostic::new(severity, code, self.problem.to_string())
            .at(files.place(self.mark))
            .on(object);
        match &self.problem {
            Problem::SourceUnresolved { reference, .. } => {
                diagnostic.hint(format!("give its content with `--source {reference}=DIR`"))
            }
            Problem::Invalid { .. } | Problem::Copy { .. } => diagnostic.hint(
                "until it is mended, none of the artifacts of the generator is made anew: what is applied from them stays as it is",
            ),
        }
    }
}

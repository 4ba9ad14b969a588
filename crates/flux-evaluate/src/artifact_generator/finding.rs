//! Diagnostics about ArtifactGenerators.

use source_tree::{Diagnostic, FileTable, Mark, Severity, codes};
use thiserror::Error;

use super::copy_error::CopyError;

/// A problem of a generator, with the place of the field at fault.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) problem: Problem,
    pub(crate) mark: Mark,
}

#[derive(Debug, Error)]
pub(crate) enum Problem {
    /// The content of a source is not available; `reference` is `Kind/namespace/name`.
    #[error("the content of {reference}, which artifacts are copied from, is not in this repository")]
    SourceUnresolved { alias: String, reference: String },
    /// The API server or the controller refuses the object.
    #[error("{message}")]
    Invalid { message: String },
    /// An artifact cannot be filled.
    #[error("artifact {artifact}: {error}")]
    Copy { artifact: String, error: CopyError },
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

    /// Whether the controller makes no artifact because of it.
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

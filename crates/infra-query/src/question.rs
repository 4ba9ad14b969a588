//! The questions about a name, and the subjects that each of them can be about.

use std::borrow::Cow;

use crate::subject::Subject;

/// A question about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// [`where_is`](crate::where_is)
    Where,
    /// [`trace`](crate::trace())
    Trace,
    /// [`secret`](crate::secret())
    Secret,
    /// [`config`](crate::config())
    Config,
    /// [`flux`](crate::flux())
    Flux,
    /// [`impact`](crate::impact())
    Impact,
    /// [`image`](crate::image())
    Image,
}

impl Question {
    /// All questions about a name.
    pub const ALL: [Question; 7] = [
        Question::Where,
        Question::Trace,
        Question::Secret,
        Question::Config,
        Question::Flux,
        Question::Impact,
        Question::Image,
    ];

    /// Whether it has an answer for a subject.
    pub fn accepts(self, subject: &Subject<'_>) -> bool {
        match self {
            Question::Where | Question::Impact => true,
            Question::Trace => matches!(subject, Subject::Service(..)),
            Question::Secret => matches!(
                subject,
                Subject::Service(..)
                    | Subject::SecretProviderClass(..)
                    | Subject::ExternalSecret(..)
                    | Subject::SecretStore(..)
                    | Subject::VaultSecret(..)
                    | Subject::SealedSecret(..)
                    | Subject::Secret(..)
                    | Subject::SecretReference(..)
            ),
            Question::Config => matches!(subject, Subject::ConfigMap(..) | Subject::Service(..)),
            Question::Flux => matches!(
                subject,
                Subject::Service(..)
                    | Subject::Kustomization(..)
                    | Subject::HelmRelease(..)
                    | Subject::Source(..)
            ),
            Question::Image => matches!(subject, Subject::Service(..) | Subject::ImageGroup(..)),
        }
    }
}

/// A text in lower case, copied only if it is not.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    match text
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
    {
        true => Cow::Owned(text.to_lowercase()),
        false => Cow::Borrowed(text),
    }
}

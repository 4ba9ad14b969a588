//! Why something was not fetched.

use source_cache::{CacheError, Declared};
use thiserror::Error;

/// Why a source was not fetched. It holds no credentials, whatever the server, its redirects or a URL held.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{object}: {reason} ({url}, {requested})")]
pub struct FetchError {
    /// The object that declares it.
    pub object: String,
    /// Where it is.
    pub url: String,
    /// What was asked for.
    pub requested: String,
    /// What happened.
    pub reason: String,
    /// How to mend it.
    pub hint: Option<String>,
}

/// What happened, before it is known to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) reason: String,
    pub(crate) hint: Option<String>,
    /// Whether it may go by itself.
    pub(crate) is_transient: bool,
    /// The status that a server answered with.
    pub(crate) status: Option<u16>,
}

impl Problem {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        // Words of servers and of Git may repeat what they were given.
        let reason = redaction::without_credentials(&reason).into_owned();
        Problem {
            reason: reason
                .chars()
                .map(|char| if char.is_control() { ' ' } else { char })
                .collect(),
            hint: None,
            is_transient: false,
            status: None,
        }
    }

    pub(crate) fn transient(reason: impl Into<String>) -> Self {
        Problem {
            is_transient: true,
            ..Problem::new(reason)
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The problem of a source.
    pub(crate) fn of(self, declared: &Declared) -> FetchError {
        FetchError {
            object: declared.object.clone(),
            url: declared.url.clone(),
            requested: declared.requested.clone(),
            reason: self.reason,
            hint: self.hint,
        }
    }
}

impl From<CacheError> for Problem {
    fn from(error: CacheError) -> Self {
        let problem = Problem::new(error.to_string());
        match error {
            CacheError::Io { .. } => problem.hint(
                "make room or choose another folder: FLUX_INFRA_GUIDE_CACHE_DIR names it, \
                 `flux-infra-guide cache gc` removes what is unused",
            ),
            _ => problem,
        }
    }
}

//! Errors of fetching.

use source_cache::{CacheError, Declared};
use thiserror::Error;

/// Why a source was not fetched. It contains no credentials, even if the server, a redirect or a URL did.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{object}: {reason} ({url}, {requested})")]
pub struct FetchError {
    /// The object that declares it.
    pub object: String,
    /// Its address.
    pub url: String,
    /// The requested version.
    pub requested: String,
    /// What happened.
    pub reason: String,
    /// How to fix it.
    pub hint: Option<String>,
}

/// An error before its source is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) reason: String,
    pub(crate) hint: Option<String>,
    /// Whether a retry may help.
    pub(crate) is_transient: bool,
    /// The status that a server answered with.
    pub(crate) status: Option<u16>,
}

impl Problem {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        // Messages of servers and of Git may repeat credentials that they were given.
        let reason = redaction::without_credentials(&reason);
        Problem {
            reason: reason.replace(char::is_control, " "),
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

    /// The error of a source.
    pub(crate) fn into_error(self, declared: &Declared) -> FetchError {
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

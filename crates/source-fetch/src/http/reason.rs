//! Why a request failed, in words that show only the host and path of a URL.

use std::error::Error;

use reqwest::Url;

use crate::address::{Redirected, shown};
use crate::problem::Problem;

/// The problem of a failed request.
pub(super) fn problem(error: reqwest::Error, url: &Url) -> Problem {
    let error = error.without_url();
    let address = shown(url);
    if let Some(redirected) = find::<Redirected>(&error) {
        return Problem::new(format!("{address}: {redirected}"));
    }
    if let Some(refused) = find::<super::resolver::Refused>(&error) {
        return Problem::new(format!("{address}: {refused}"));
    }
    if error.is_timeout() {
        return Problem::transient(format!("{address} does not answer in time"))
            .hint("try again later, or allow more time with --timeout");
    }
    if error.is_redirect() {
        return Problem::new(format!("{address}: {}", innermost(&error)));
    }
    if error.is_body() || error.is_decode() {
        return Problem::transient(format!("the answer of {address} breaks off"));
    }
    let reason = innermost(&error);
    let problem = match error.is_connect() {
        true => format!("cannot connect to {address}: {reason}"),
        false => format!("{address}: {reason}"),
    };
    if reason.contains("certificate") {
        return Problem::new(problem)
            .hint("add the certificate authority to the machine's, or name a file with it in SSL_CERT_FILE");
    }
    Problem::transient(problem)
}

/// The innermost error, which is the informative one.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let first: &(dyn Error + 'static) = error;
    let mut chain = std::iter::successors(Some(first), |error| (*error).source());
    chain.find_map(|error| error.downcast_ref::<E>())
}

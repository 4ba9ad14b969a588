//! Why a request failed, in words that hold no part of a URL but its host and path.

use std::error::Error;

use reqwest::Url;

use crate::address::{Redirected, shown};
use crate::problem::Problem;

/// What is said of a failed request.
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
        return Problem::new(format!("{address}: {}", of(&error)));
    }
    if error.is_body() || error.is_decode() {
        return Problem::transient(format!("the answer of {address} breaks off"));
    }
    let reason = of(&error);
    let is_certificate = reason.contains("certificate");
    let problem = match error.is_connect() {
        true => format!("cannot connect to {address}: {reason}"),
        false => format!("{address}: {reason}"),
    };
    if is_certificate {
        return Problem::new(problem)
            .hint("add the certificate authority to the machine's, or name a file with it in SSL_CERT_FILE");
    }
    Problem::transient(problem)
}

/// The innermost reason, which is the one that says something.
pub(super) fn of(error: &reqwest::Error) -> String {
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut reason: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = reason {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        reason = error.source();
    }
    None
}

//! The source that a kustomization declares by a URL: a repository with a base, or a file.

use flux_evaluate::RemoteRequest;

use super::{Declared, GitRevision, Protocol, check_text, public_url};

/// Used instead of an object for a base.
const BASE: &str = "remote-base";
/// Used instead of an object for a file.
const FILE: &str = "remote-file";

impl Declared {
    /// The source that a URL in a kustomization declares.
    ///
    /// # Errors
    /// Why it cannot be fetched: a variable in it.
    pub fn remote(request: &RemoteRequest<'_>) -> Result<Declared, String> {
        let (object, url, requested, protocol) = match request {
            RemoteRequest::Base {
                repository,
                reference,
            } => {
                let revision = GitRevision::Any((*reference).to_owned());
                let requested = revision.to_string();
                (BASE, *repository, requested, Protocol::Git { revision })
            }
            RemoteRequest::File { url } => (FILE, *url, "the file".to_owned(), Protocol::File),
        };
        check_text("its address", url)?;
        check_text("its reference", &requested)?;
        Ok(Declared {
            object: object.to_owned(),
            url: public_url(url),
            requested,
            protocol,
            states_verify: false,
        })
    }
}

//! The requests of a pull: manifest, blob and tags, with the registry's authentication.

use std::sync::Arc;

use reqwest::header::{LINK, WWW_AUTHENTICATE};
use reqwest::{Response, StatusCode, Url};
use source_cache::Digest;

use super::grant::{Challenge, Grant};
use super::manifest::{self, Found, Manifest};
use super::reference::Reference;
use super::tags;
use crate::address::shown;
use crate::http::{Body, Request, status_problem, too_large};
use crate::network::{Network, blocking};
use crate::problem::Problem;

/// Tags per page of the list.
const PAGE: usize = 1000;

/// One repository of a registry.
pub(super) struct Registry<'n> {
    pub(super) network: &'n Network,
    server: Url,
    reference: Reference,
}

impl<'n> Registry<'n> {
    pub(super) fn new(network: &'n Network, reference: Reference, insecure: bool) -> Result<Self, Problem> {
        let server = reference.server(insecure)?;
        Ok(Registry {
            network,
            server,
            reference,
        })
    }

    /// Its name in messages.
    pub(super) fn shown(&self) -> String {
        format!("{}/{}", self.reference.host, self.reference.repository)
    }

    /// The manifest under a tag or digest.
    pub(super) async fn manifest(&self, reference: &str) -> Result<Manifest, Problem> {
        let mut reference = reference.to_owned();
        // An index leads to a manifest, but not to another index.
        for _ in 0..2 {
            let bytes = self.manifest_bytes(&reference).await?;
            if let Some(expected) = Digest::parse(&reference)
                && Digest::of(&bytes) != expected
            {
                let shown = self.shown();
                return Err(Problem::new(format!(
                    "{shown} answers with another manifest than {expected}"
                )));
            }
            match manifest::parse(&bytes, &self.shown())? {
                Found::Manifest(manifest) => return Ok(manifest),
                Found::Index(digest) => reference = digest,
            }
        }
        Err(Problem::new(format!(
            "{} has an index of indexes, which is not read",
            self.shown()
        )))
    }

    async fn manifest_bytes(&self, reference: &str) -> Result<Vec<u8>, Problem> {
        let url = self.url(&["manifests", reference])?;
        let request = Request::get(url.clone()).accept(manifest::ACCEPT);
        let response = self.send(request).await?;
        let limit = self.network.options.limits.answer_bytes;
        self.network.http.bytes_of(response, &url, limit).await
    }

    /// A layer.
    pub(super) async fn blob<B: Body>(&self, digest: &Digest, body: B) -> Result<B, Problem> {
        let url = self.url(&["blobs", digest.as_str()])?;
        let request = self.granted(Request::get(url)).await;
        self.network.http.whole(&request, body).await
    }

    /// All tags.
    pub(super) async fn tags(&self) -> Result<Vec<String>, Problem> {
        let limits = &self.network.options.limits;
        let mut url = self.url(&["tags", "list"])?;
        url.query_pairs_mut().append_pair("n", &PAGE.to_string());
        let mut found = Vec::new();
        loop {
            let response = self.send(Request::get(url.clone())).await?;
            let link = response.headers().get(LINK).and_then(|link| link.to_str().ok());
            let next = tags::next(&url, link);
            let http = &self.network.http;
            let bytes = http.bytes_of(response, &url, limits.answer_bytes).await?;
            let page = tags::parse(&bytes, &self.shown())?;
            let is_empty = page.is_empty();
            found.extend(page);
            if found.len() > limits.tags {
                let list = format!("the list of tags of {}", self.shown());
                return Err(too_large(&list, limits.tags as u64));
            }
            match next.filter(|_| !is_empty) {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
    }

    /// Sends a request, and once more with authorization if the registry asks for it. The answer is a success.
    async fn send(&self, request: Request) -> Result<Response, Problem> {
        let mut request = self.granted(request).await;
        let mut response = self.network.http.send(&request).await?;
        if response.status() == StatusCode::UNAUTHORIZED && request.authorization.is_none() {
            let unauthorized = || status_problem(StatusCode::UNAUTHORIZED, &request.url);
            let mut headers = response.headers().get_all(WWW_AUTHENTICATE).iter();
            let challenge = headers.find_map(|header| Challenge::parse(header.to_str().ok()?));
            let challenge = challenge.ok_or_else(unauthorized)?;
            drop(response);
            let grants = &self.network.grants;
            let grant = grants.get(&self.key(), self.answer(&challenge)).await?;
            let Grant(header) = grant.ok_or_else(unauthorized)?;
            request = request.authorization(Some(header));
            response = self.network.http.send(&request).await?;
        }
        match response.status() {
            status if status.is_success() => Ok(response),
            status => Err(status_problem(status, &request.url)),
        }
    }

    async fn answer(&self, challenge: &Challenge) -> Result<Option<Grant>, Problem> {
        let credentials = Arc::clone(&self.network.credentials);
        let host = self.reference.host.clone();
        // This may run a credential helper, which may wait for a service.
        let login = blocking(move || Ok(credentials.registry(&host))).await?;
        let (http, repository) = (&self.network.http, &self.reference.repository);
        challenge
            .answer(http, &self.server, repository, login.as_ref())
            .await
    }

    /// The request with the authorization that was granted before.
    async fn granted(&self, request: Request) -> Request {
        let grant = self.network.grants.known(&self.key());
        request.authorization(grant.flatten().map(|Grant(header)| header))
    }

    fn key(&self) -> String {
        format!("{} {}", self.server, self.reference.repository)
    }

    fn url(&self, parts: &[&str]) -> Result<Url, Problem> {
        let mut url = self.server.clone();
        let mut path = url
            .path_segments_mut()
            .map_err(|()| Problem::new(format!("{} is no address", shown(&self.server))))?;
        path.clear().push("v2");
        path.extend(self.reference.repository.split('/'));
        path.extend(parts);
        drop(path);
        Ok(url)
    }
}

//! A small registry in memory: manifests, blobs, tags and authentication.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use source_cache::Digest;

use super::server::{Answer, Received, Server};

/// Media type of a packed chart.
pub(crate) const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// Media type of a Flux artifact.
pub(crate) const FLUX: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";

/// Who may pull.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Access {
    Everybody,
    /// A token that everybody gets.
    Token,
    /// A token for a user and password.
    TokenFor(String, String),
    /// A user and password with each request.
    BasicFor(String, String),
}

#[derive(Default)]
struct Content {
    /// By `repository:tag` and `repository@digest`.
    manifests: BTreeMap<String, Vec<u8>>,
    blobs: BTreeMap<String, Vec<u8>>,
    tags: BTreeMap<String, Vec<String>>,
}

/// A registry on loopback.
#[derive(Clone)]
pub(crate) struct Registry {
    pub(crate) server: Server,
    content: Arc<Mutex<Content>>,
}

impl Registry {
    pub(crate) fn start(access: Access) -> Self {
        let content: Arc<Mutex<Content>> = Arc::default();
        let known = Arc::clone(&content);
        let server = Server::start(move |request| answer(request, &known.lock().unwrap(), &access));
        Registry { server, content }
    }

    /// Pushes an artifact with these layers, and returns the digest of its manifest.
    pub(crate) fn push(&self, repository: &str, tag: &str, layers: &[(&str, Vec<u8>)]) -> Digest {
        let mut content = self.content.lock().unwrap();
        let layers: Vec<_> = layers
            .iter()
            .map(|(media_type, bytes)| {
                let digest = Digest::of(bytes);
                content.blobs.insert(digest.to_string(), bytes.clone());
                json!({"mediaType": media_type, "digest": digest.as_str(), "size": bytes.len()})
            })
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.cncf.flux.config.v1+json", "digest": "sha256:0", "size": 2},
            "layers": layers,
        });
        let bytes = serde_json::to_vec(&manifest).unwrap();
        let digest = Digest::of(&bytes);
        content
            .manifests
            .insert(format!("{repository}:{tag}"), bytes.clone());
        content.manifests.insert(format!("{repository}@{digest}"), bytes);
        content
            .tags
            .entry(repository.to_owned())
            .or_default()
            .push(tag.to_owned());
        digest
    }

    /// Replaces the bytes of a blob.
    pub(crate) fn damage(&self, digest: &Digest, bytes: &[u8]) {
        self.content
            .lock()
            .unwrap()
            .blobs
            .insert(digest.to_string(), bytes.to_vec());
    }

    /// Replaces a manifest with a text.
    pub(crate) fn set_manifest(&self, repository: &str, tag: &str, text: &str) {
        let mut content = self.content.lock().unwrap();
        content
            .manifests
            .insert(format!("{repository}:{tag}"), text.as_bytes().to_vec());
    }
}

fn answer(request: &Received, content: &Content, access: &Access) -> Answer {
    let basic = |user: &str, password: &str| {
        let text = STANDARD.encode(format!("{user}:{password}"));
        request.headers.get("authorization") == Some(&format!("Basic {text}"))
    };
    if request.path() == "/token" {
        return match access {
            Access::TokenFor(user, password) if !basic(user, password) => Answer::status(401),
            _ => Answer::ok(r#"{"token":"granted"}"#),
        };
    }
    let host = &request.headers["host"];
    let challenge = match access {
        Access::Everybody => None,
        Access::Token | Access::TokenFor(..) => {
            let is_granted = request
                .headers
                .get("authorization")
                .is_some_and(|header| header == "Bearer granted");
            (!is_granted).then(|| format!("Bearer realm=\"http://{host}/token\",service=\"test\""))
        }
        Access::BasicFor(user, password) => {
            (!basic(user, password)).then(|| "Basic realm=\"test\"".to_owned())
        }
    };
    if let Some(challenge) = challenge {
        return Answer::status(401).header("WWW-Authenticate", &challenge);
    }
    let found = request.path().strip_prefix("/v2/").and_then(|rest| {
        if let Some(repository) = rest.strip_suffix("/tags/list") {
            return tags(request, content.tags.get(repository)?, repository);
        }
        if let Some((repository, reference)) = rest.split_once("/manifests/") {
            let separator = if reference.starts_with("sha256:") {
                '@'
            } else {
                ':'
            };
            let bytes = content
                .manifests
                .get(&format!("{repository}{separator}{reference}"))?;
            return Some(Answer::ok(bytes.clone()));
        }
        let (_, digest) = rest.split_once("/blobs/")?;
        Some(Answer::ok(content.blobs.get(digest)?.clone()))
    });
    found.unwrap_or_else(|| Answer::status(404))
}

/// Two tags per page.
fn tags(request: &Received, tags: &[String], repository: &str) -> Option<Answer> {
    let last = request.target.split_once("last=").map(|(_, last)| last);
    let start = last.map_or(0, |last| tags.iter().position(|tag| tag == last).unwrap() + 1);
    let page: Vec<&String> = tags.iter().skip(start).take(2).collect();
    let answer = Answer::ok(serde_json::to_vec(&json!({"name": repository, "tags": page})).unwrap());
    Some(match page.last().filter(|_| start + 2 < tags.len()) {
        Some(last) => answer.header(
            "Link",
            &format!("</v2/{repository}/tags/list?n=2&last={last}>; rel=\"next\""),
        ),
        None => answer,
    })
}

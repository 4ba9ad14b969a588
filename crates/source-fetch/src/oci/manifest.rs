//! Manifests: the layers of an artifact.

use serde::Deserialize;
use source_cache::Digest;

use crate::problem::Problem;

/// Media types of manifests that a request accepts.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// An artifact's layers.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The digest of the manifest itself.
    pub(crate) digest: Digest,
    pub(crate) layers: Vec<Descriptor>,
}

/// A layer, or a manifest of an index.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default)]
    pub(crate) media_type: String,
    pub(crate) digest: String,
    #[serde(default)]
    pub(crate) size: u64,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

/// The document under a tag or digest.
pub(super) enum Found {
    Manifest(Manifest),
    /// An index: the digest of the chosen manifest.
    Index(String),
}

/// Parses a manifest or an index. Of an index, the manifest for Linux on amd64 is chosen, as in go-containerregistry, else the first.
pub(super) fn parse(bytes: &[u8], shown: &str) -> Result<Found, Problem> {
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|_| Problem::new(format!("{shown} answers with something that is no manifest")))?;
    if let Some(layers) = document.layers {
        return Ok(Found::Manifest(Manifest {
            digest: Digest::of(bytes),
            layers,
        }));
    }
    let manifests = document.manifests.unwrap_or_default();
    let is_usual = |descriptor: &&Descriptor| {
        let platform = descriptor.platform.as_ref();
        platform.is_some_and(|platform| platform.os == "linux" && platform.architecture == "amd64")
    };
    let found = manifests.iter().find(is_usual).or(manifests.first());
    match found {
        Some(found) => Ok(Found::Index(found.digest.clone())),
        None => Err(Problem::new(format!(
            "{shown} answers with a manifest that has no layers"
        ))),
    }
}

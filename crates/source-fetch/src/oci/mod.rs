//! Charts and artifacts of OCI registries.
//!
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>, and for the layer that Flux takes
//! <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/controller/ocirepository_controller.go>.

mod grant;
mod manifest;
mod reference;
mod registry;
mod tags;

use std::sync::Arc;

use source_cache::{Declared, Digest, LockedContent, LockedSource, OciRevision, SourceCache};

use crate::content::{check_locked, keep_archive, locked_source};
use crate::http::{Blob, too_large};
use crate::network::Network;
use crate::problem::Problem;
use crate::semver;

pub(crate) use grant::Grant;
use manifest::{Descriptor, Manifest};
use reference::Reference;
use registry::Registry;

/// Media types of packed charts; old versions of Helm pushed the second.
const CHART_LAYERS: [&str; 2] = [
    "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    "application/tar+gzip",
];

/// The content to fetch from a registry.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'d> {
    /// A chart, in a version or range.
    Chart(&'d str),
    /// An artifact, by `spec.ref`, and the media type of its layer.
    Artifact(&'d OciRevision, Option<&'d str>),
}

/// Resolves a chart or artifact and gets it. `locked` is the content that it must have.
pub(crate) async fn fetch(
    network: &Network,
    cache: &SourceCache,
    declared: &Declared,
    (wanted, insecure): (Wanted<'_>, bool),
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let registry = Registry::new(network, Reference::parse(&declared.url)?, insecure)?;
    let (name, reference) = match locked {
        Some(locked) => locked_reference(&locked.resolved)?,
        None => resolve_name(&registry, &declared.url, wanted).await?,
    };
    let manifest = registry.manifest(&reference).await?;
    let layer = layer(&manifest, wanted)?;
    let digest = Digest::parse(&layer.digest).ok_or_else(|| {
        Problem::new(format!(
            "its layer has a digest that is not SHA-256: {}",
            layer.digest
        ))
    })?;
    check_locked(locked, &digest, &registry.shown())?;
    if !cache.has(&digest) {
        let limits = &network.options.limits;
        let limit = match wanted {
            Wanted::Chart(_) => limits.chart_bytes,
            Wanted::Artifact(..) => limits.layer_bytes,
        };
        if layer.size > limit {
            return Err(too_large(&format!("the layer of {}", registry.shown()), limit));
        }
        let blob = registry.blob(&digest, Blob::within(cache, limit)?).await?;
        keep_archive(blob.blob, Some(&digest), &registry.shown(), locked.is_some())?;
    }
    let resolved = resolved(&name, &manifest.digest);
    Ok(locked_source(declared, resolved, digest, LockedContent::Archive))
}

/// The current version of a chart or artifact.
pub(crate) async fn resolve(
    network: &Network,
    url: &str,
    wanted: Wanted<'_>,
    insecure: bool,
) -> Result<String, Problem> {
    let registry = Registry::new(network, Reference::parse(url)?, insecure)?;
    let (name, reference) = resolve_name(&registry, url, wanted).await?;
    let manifest = registry.manifest(&reference).await?;
    Ok(resolved(&name, &manifest.digest))
}

/// `6.7.1@sha256:…`, or only the digest if that was requested.
fn resolved(name: &str, digest: &Digest) -> String {
    match name.is_empty() {
        true => digest.to_string(),
        false => format!("{name}@{digest}"),
    }
}

/// The version as in the lock file, and the digest to request.
fn locked_reference(resolved: &str) -> Result<(String, String), Problem> {
    let (name, digest) = resolved.rsplit_once('@').unwrap_or(("", resolved));
    if Digest::parse(digest).is_none() {
        let reason = format!("the lock file states {resolved}, which does not end in a digest");
        return Err(Problem::new(reason).hint("delete its line and fetch again"));
    }
    Ok((name.to_owned(), digest.to_owned()))
}

/// The version to show, and the tag or digest to request.
async fn resolve_name(
    registry: &Registry<'_>,
    url: &str,
    wanted: Wanted<'_>,
) -> Result<(String, String), Problem> {
    match wanted {
        Wanted::Chart(version) => {
            // An exact version needs no list of tags.
            if semver::version(version).is_some() {
                return Ok((version.to_owned(), tag_of(version)));
            }
            let tags = tags(registry, url).await?;
            let versions: Vec<String> = tags.iter().map(|tag| tag.replace('_', "+")).collect();
            let found = newest(version, "version", versions.iter())?;
            Ok((found.clone(), tag_of(found)))
        }
        Wanted::Artifact(OciRevision::Digest(digest), _) => match Digest::parse(digest) {
            Some(digest) => Ok((String::new(), digest.as_str().to_owned())),
            None => Err(Problem::new(format!("its digest {digest} is not SHA-256"))),
        },
        Wanted::Artifact(OciRevision::Tag(tag), _) => Ok((tag.clone(), tag.clone())),
        Wanted::Artifact(OciRevision::Semver(range, filter), _) => {
            let filter = filter.as_deref().map(regex::Regex::new).transpose();
            let filter = filter.map_err(|error| {
                Problem::new(format!("its semverFilter is no regular expression: {error}"))
            })?;
            let tags = tags(registry, url).await?;
            let is_match = |tag: &&String| filter.as_ref().is_none_or(|filter| filter.is_match(tag));
            let found = newest(range, "range", tags.iter().filter(is_match))?;
            Ok((found.clone(), found.clone()))
        }
    }
}

/// The newest of some versions within a range; `what` is the hint's word for the range.
fn newest<'t>(
    range: &str,
    what: &str,
    versions: impl Iterator<Item = &'t String>,
) -> Result<&'t String, Problem> {
    let candidates = versions.map(|version| (version.as_str(), version));
    semver::newest(range, candidates, |_, _| false)?.ok_or_else(|| {
        Problem::new(format!("no tag with version matching '{range}' found"))
            .hint(format!("correct the {what} where it is declared"))
    })
}

async fn tags(registry: &Registry<'_>, url: &str) -> Result<Arc<Vec<String>>, Problem> {
    let list = async { Ok(Arc::new(registry.tags().await?)) };
    registry.network.tags.get(url, list).await
}

/// A tag cannot contain `+`, for which Helm writes `_`.
fn tag_of(version: &str) -> String {
    version.replace('+', "_")
}

fn layer<'m>(manifest: &'m Manifest, wanted: Wanted<'_>) -> Result<&'m Descriptor, Problem> {
    let layers = &manifest.layers;
    let first_of = |media_type: &str| layers.iter().find(|layer| layer.media_type == media_type);
    let found = match wanted {
        Wanted::Chart(_) => CHART_LAYERS.iter().find_map(|media_type| first_of(media_type)),
        Wanted::Artifact(_, Some(media_type)) => first_of(media_type),
        Wanted::Artifact(_, None) => layers.first(),
    };
    found.ok_or_else(|| {
        let there: Vec<&str> = layers.iter().map(|layer| layer.media_type.as_str()).collect();
        let wanted = match wanted {
            Wanted::Chart(_) => CHART_LAYERS[0],
            Wanted::Artifact(_, media_type) => media_type.unwrap_or("any media type"),
        };
        Problem::new(format!(
            "it has no layer of {wanted}: it has {}",
            there.join(", ")
        ))
    })
}

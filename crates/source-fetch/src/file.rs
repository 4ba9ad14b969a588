//! Single files by http or https.

use source_cache::{CacheError, Declared, Digest, LockedContent, LockedSource, SourceCache};

use crate::address::{parse, shown};
use crate::content::{locked_source, wrong_digest};
use crate::http::{Blob, Request};
use crate::network::Network;
use crate::problem::Problem;

/// Gets a file. `locked` is the content that it must have.
pub(crate) async fn fetch(
    network: &Network,
    cache: &SourceCache,
    declared: &Declared,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let url = parse(&declared.url)?;
    let request = Request::get(url.clone()).authorization(network.authorization(&url));
    let body = Blob::within(cache, network.options.limits.chart_bytes)?;
    let body = network.http.whole(&request, body).await?;
    let expected = locked.map(|locked| &locked.digest);
    let digest = body.blob.finish(expected).map_err(|error| match error {
        CacheError::WrongDigest { expected, found } => wrong_digest(&shown(&url), &expected, &found, true),
        other => other.into(),
    })?;
    let resolved = digest.as_str().to_owned();
    Ok(locked_source(declared, resolved, digest, LockedContent::File))
}

/// The current digest of a file.
pub(crate) async fn resolve(network: &Network, url: &str) -> Result<String, Problem> {
    let url = parse(url)?;
    let request = Request::get(url.clone()).authorization(network.authorization(&url));
    let limit = network.options.limits.chart_bytes;
    let bytes = network.http.bytes(&request, limit).await?;
    Ok(Digest::of(&bytes).as_str().to_owned())
}

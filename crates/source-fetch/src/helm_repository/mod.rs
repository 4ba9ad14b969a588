//! Charts of Helm repositories with an index.
//!
//! Rules: <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/helm/repository/chart_repository.go>.

mod index;
mod location;

use std::sync::Arc;

use source_cache::{Declared, Digest, LockedContent, LockedSource, SourceCache};

use crate::address::{is_same_server, parse, shown};
use crate::content::{keep_archive, locked_source};
use crate::http::{Blob, Request};
use crate::network::{Network, blocking};
use crate::problem::Problem;

pub(crate) use index::Index;

/// Resolves a chart and gets it. `locked` is the content that it must have.
pub(crate) async fn fetch(
    network: &Network,
    cache: &SourceCache,
    declared: &Declared,
    (chart, version, pass_credentials): (&str, &str, bool),
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let index = index(network, &declared.url).await?;
    let entry = match locked {
        Some(locked) => index.exactly(chart, &locked.resolved)?,
        None => index.choose(chart, version)?,
    };
    let stated = entry.digest.as_deref();
    let stated = stated.and_then(|hex| Digest::parse(&format!("sha256:{hex}")));
    let expected = locked.map(|locked| &locked.digest).or(stated.as_ref());
    let digest = match expected.filter(|digest| cache.has(digest)) {
        Some(known) => known.clone(),
        None => {
            let repository = parse(&declared.url)?;
            let url = location::chart(&repository, &entry.url)?;
            let may_log_in = is_same_server(&repository, &url) || pass_credentials;
            let authorization = may_log_in.then(|| network.authorization(&repository)).flatten();
            let request = Request::get(url.clone()).authorization(authorization);
            let limit = network.options.limits.chart_bytes;
            let body = network.http.whole(&request, Blob::within(cache, limit)?).await?;
            keep_archive(body.blob, expected, &shown(&url), locked.is_some())?
        }
    };
    let resolved = entry.version.clone();
    Ok(locked_source(declared, resolved, digest, LockedContent::Archive))
}

/// The current version of a chart.
pub(crate) async fn resolve(
    network: &Network,
    url: &str,
    chart: &str,
    version: &str,
) -> Result<String, Problem> {
    let index = index(network, url).await?;
    Ok(index.choose(chart, version)?.version.clone())
}

async fn index(network: &Network, url: &str) -> Result<Arc<Index>, Problem> {
    let read = async {
        let repository = parse(url)?;
        let address = location::index(&repository);
        let request = Request::get(address.clone()).authorization(network.authorization(&repository));
        let limit = network.options.limits.index_bytes;
        let bytes = network.http.bytes(&request, limit).await?;
        let shown = shown(&address);
        blocking(move || Index::parse(&bytes, &shown).map(Arc::new)).await
    };
    network.indexes.get(url, read).await
}

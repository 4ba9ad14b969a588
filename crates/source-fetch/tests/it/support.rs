//! Helpers of most tests: a cache, a fetcher, charts, declarations.

use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use source_cache::{Declared, LockedSource, Protocol, SourceCache};
use source_fetch::{FetchError, FetchOptions, Fetched, Fetcher, Job, Progress, Totals};

/// Ignores the progress.
pub(crate) struct Silent;

impl Progress for Silent {
    fn done(&mut self, _: &Fetched, _: Totals) {}
    fn tick(&mut self, _: Totals) {}
}

pub(crate) struct Cache {
    _temporary: tempfile::TempDir,
    pub(crate) cache: SourceCache,
}

pub(crate) fn cache() -> Cache {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(temporary.path()).unwrap();
    Cache {
        cache: SourceCache::new(folder, SystemTime::now()),
        _temporary: temporary,
    }
}

/// Options that give up soon.
pub(crate) fn options() -> FetchOptions {
    FetchOptions {
        timeout: Duration::from_millis(500),
        backoff: Duration::from_millis(5),
        ..FetchOptions::default()
    }
}

/// Fetches one source.
pub(crate) fn fetch(
    options: &FetchOptions,
    cache: &SourceCache,
    declared: &Declared,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, FetchError> {
    let job = Job {
        declared: declared.clone(),
        locked: locked.cloned(),
    };
    let fetcher = Fetcher::new(options.clone()).unwrap();
    fetcher.fetch(vec![job], cache, &mut Silent).remove(0).result
}

/// A chart of a Helm repository.
pub(crate) fn helm_chart(url: &str, chart: &str, version: &str) -> Declared {
    Declared {
        object: format!("HelmRelease/test/{chart}"),
        url: url.to_owned(),
        requested: format!("{chart} {version}"),
        protocol: Protocol::HelmRepository {
            chart: chart.to_owned(),
            version: version.to_owned(),
            pass_credentials: false,
        },
        states_verify: false,
    }
}

/// A chart of a registry on loopback.
pub(crate) fn oci_chart(host: &str, repository: &str, version: &str) -> Declared {
    Declared {
        object: "HelmRelease/test/oci".to_owned(),
        url: format!("oci://{host}/{repository}"),
        requested: version.to_owned(),
        protocol: Protocol::OciChart {
            version: version.to_owned(),
            insecure: true,
        },
        states_verify: false,
    }
}

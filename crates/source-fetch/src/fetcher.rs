//! [`Fetcher`]: fetches many sources at a time behind a synchronous interface.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use source_cache::{Declared, LockedSource, Protocol, SourceCache};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::network::Network;
use crate::oci::Wanted;
use crate::options::FetchOptions;
use crate::problem::{FetchError, Problem};
use crate::{bucket, file, git, helm_repository, oci};

/// Threads that wait for servers.
const THREADS: usize = 2;
/// How often the progress is reported.
const TICK: Duration = Duration::from_millis(100);

/// Fetches declared sources.
pub struct Fetcher {
    runtime: Runtime,
    network: Arc<Network>,
}

/// A source to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The source as declared.
    pub declared: Declared,
    /// The content that it must have; without it, its current content is fetched.
    pub locked: Option<LockedSource>,
}

/// The result of a [`Job`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The source as declared.
    pub declared: Declared,
    /// Its line for the lock file, whose bytes are in the cache.
    pub result: Result<LockedSource, FetchError>,
}

/// Numbers of a run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Number of sources that are done, with or without success.
    pub done: usize,
    /// Number of sources.
    pub all: usize,
    /// Number of bytes that servers have sent.
    pub received: u64,
    /// Number of requests that were sent.
    pub requests: u64,
}

/// Receives the progress of a run, on the thread that waits for it.
pub trait Progress {
    /// A source is done.
    fn done(&mut self, fetched: &Fetched, totals: Totals);
    /// Some time has passed.
    fn tick(&mut self, totals: Totals);
}

impl Fetcher {
    /// Prepares the network without sending anything.
    ///
    /// # Errors
    /// Why the network cannot be used: no thread, no certificates.
    pub fn new(options: FetchOptions) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| format!("the network cannot be used: {error}"))?;
        // Building the client needs a runtime.
        let _guard = runtime.enter();
        let network = Network::new(options).map_err(|problem| problem.reason)?;
        Ok(Fetcher {
            network: Arc::new(network),
            runtime,
        })
    }

    /// Fetches several sources at a time. The results are in the order of the jobs, and a failed job does not stop the others.
    pub fn fetch(&self, jobs: Vec<Job>, cache: &SourceCache, progress: &mut dyn Progress) -> Vec<Fetched> {
        let fetch = |network: Arc<Network>, Job { declared, locked }| {
            let cache = cache.clone();
            async move {
                let result = fetch(&network, &cache, &declared, locked.as_ref()).await;
                Fetched {
                    result: result.map_err(|problem| problem.into_error(&declared)),
                    declared,
                }
            }
        };
        self.run(jobs, fetch, progress, |progress, fetched, totals| {
            progress.done(fetched, totals);
        })
    }

    /// The current version of each source, as in [`LockedSource::resolved`], in the order of the sources. Nothing is kept.
    pub fn resolve(
        &self,
        declared: Vec<Declared>,
        progress: &mut dyn Progress,
    ) -> Vec<(Declared, Result<String, FetchError>)> {
        let resolve = |network: Arc<Network>, declared| async move {
            let resolved = resolve(&network, &declared).await;
            let resolved = resolved.map_err(|problem| problem.into_error(&declared));
            (declared, resolved)
        };
        self.run(declared, resolve, progress, |progress, _, totals| {
            progress.tick(totals)
        })
    }

    /// Numbers of bytes and requests so far.
    pub fn totals(&self) -> Totals {
        totals(&self.network, 0, 0)
    }

    /// Runs a bounded number of jobs at a time, and reports each that is done.
    fn run<J, T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        jobs: Vec<J>,
        work: impl Fn(Arc<Network>, J) -> F,
        progress: &mut dyn Progress,
        report: impl Fn(&mut dyn Progress, &T, Totals),
    ) -> Vec<T> {
        let all = jobs.len();
        let turn = Arc::new(Semaphore::new(self.network.options.jobs.max(1)));
        let mut results: Vec<Option<T>> = Vec::new();
        results.resize_with(all, || None);
        self.runtime.block_on(async {
            let mut set = JoinSet::new();
            for (index, job) in jobs.into_iter().enumerate() {
                let work = work(Arc::clone(&self.network), job);
                let turn = Arc::clone(&turn);
                set.spawn(async move {
                    let _turn = turn.acquire_owned().await;
                    (index, work.await)
                });
            }
            let mut done = 0;
            loop {
                match tokio::time::timeout(TICK, set.join_next()).await {
                    Ok(None) => break,
                    Ok(Some(joined)) => {
                        done += 1;
                        if let Ok((index, result)) = joined {
                            report(progress, &result, totals(&self.network, done, all));
                            if let Some(slot) = results.get_mut(index) {
                                *slot = Some(result);
                            }
                        }
                    }
                    Err(_) => progress.tick(totals(&self.network, done, all)),
                }
            }
        });
        results.into_iter().flatten().collect()
    }
}

fn totals(network: &Network, done: usize, all: usize) -> Totals {
    Totals {
        done,
        all,
        received: network.http.received.load(Ordering::Relaxed),
        requests: network.http.requests.load(Ordering::Relaxed),
    }
}

async fn fetch(
    network: &Arc<Network>,
    cache: &SourceCache,
    declared: &Declared,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    match &declared.protocol {
        Protocol::HelmRepository {
            chart,
            version,
            pass_credentials,
        } => {
            let wanted = (chart.as_str(), version.as_str(), *pass_credentials);
            helm_repository::fetch(network, cache, declared, wanted, locked).await
        }
        Protocol::OciChart { version, insecure } => {
            let wanted = (Wanted::Chart(version), *insecure);
            oci::fetch(network, cache, declared, wanted, locked).await
        }
        Protocol::OciArtifact {
            revision,
            layer,
            insecure,
        } => {
            let wanted = (Wanted::Artifact(revision, layer.as_deref()), *insecure);
            oci::fetch(network, cache, declared, wanted, locked).await
        }
        Protocol::Bucket(wanted) => bucket::fetch(network, cache, declared, wanted, locked).await,
        Protocol::File => file::fetch(network, cache, declared, locked).await,
        Protocol::Git { revision } => git::fetch(network, cache, declared, revision, locked).await,
    }
}

async fn resolve(network: &Network, declared: &Declared) -> Result<String, Problem> {
    let url = &declared.url;
    match &declared.protocol {
        Protocol::HelmRepository { chart, version, .. } => {
            helm_repository::resolve(network, url, chart, version).await
        }
        Protocol::OciChart { version, insecure } => {
            oci::resolve(network, url, Wanted::Chart(version), *insecure).await
        }
        Protocol::OciArtifact {
            revision,
            layer,
            insecure,
        } => {
            let wanted = Wanted::Artifact(revision, layer.as_deref());
            oci::resolve(network, url, wanted, *insecure).await
        }
        Protocol::Bucket(wanted) => bucket::resolve(network, url, wanted).await,
        Protocol::File => file::resolve(network, url).await,
        Protocol::Git { revision } => git::resolve(network, url, revision).await,
    }
}

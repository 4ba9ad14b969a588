//! What a scan gets of the lock file and the cache, and what it did not get.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use flux_evaluate::{
    Chart, ChartContent, ChartRequest, GivenChart, RemoteRequest, SourceContent, SourceContents,
    SourceRequest, chart_limits,
};
use helm_template::Error;
use source_tree::{Limits, MemoryTree, SourceTree};

use crate::archive::unpack;
use crate::blob_tree::BlobTree;
use crate::{CacheError, Declared, Digest, Listing, Lock, LockKey, LockedContent, LockedSource, SourceCache};

/// Answers with what the lock file names and the cache has, where the caller gives nothing himself.
pub struct LockedSources {
    given: Arc<dyn SourceContents>,
    lock: Lock,
    cache: SourceCache,
    limits: Limits,
    // The same request must get the same tree, by its address, and a chart is parsed once.
    trees: Mutex<HashMap<Digest, Arc<dyn SourceTree>>>,
    charts: Mutex<HashMap<Digest, LoadedChart>>,
    asked: Mutex<Asked>,
}

type LoadedChart = Arc<OnceLock<Result<Arc<Chart>, Error>>>;

/// What a scan has asked for.
#[derive(Default)]
struct Asked {
    unmet: BTreeMap<LockKey, Unmet>,
    /// Objects that declare nothing that can be fetched, and why.
    unclear: BTreeMap<String, String>,
    used: BTreeMap<LockKey, (LockedSource, Declared)>,
    /// Sources that are the repository itself, which are not fetched whatever asks for them.
    own: BTreeSet<String>,
}

/// A declared source whose content the scan did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// What is declared.
    pub declared: Declared,
    /// Why there was nothing.
    pub reason: UnmetReason,
}

/// Why a scan did not get a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnmetReason {
    /// The lock file does not name it as it is declared now.
    NotLocked,
    /// The cache does not have what the lock file names, and why.
    NotCached(Box<LockedSource>, String),
}

impl LockedSources {
    /// Answers of `given` first, of the lock file and the cache after that.
    pub fn new(given: Arc<dyn SourceContents>, lock: Lock, cache: SourceCache, limits: Limits) -> Self {
        LockedSources {
            given,
            lock,
            cache,
            limits,
            trees: Mutex::default(),
            charts: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    /// The sources that were asked for in vain, sorted by object.
    pub fn unmet(&self) -> Vec<Unmet> {
        let asked = self.asked();
        let unmet = asked.unmet.iter();
        let unmet = unmet.filter(|(key, _)| !asked.own.contains(&key.object));
        unmet.map(|(_, unmet)| unmet.clone()).collect()
    }

    /// The sources that were asked for and that nobody can fetch, with why, sorted by object.
    pub fn unclear(&self) -> Vec<(String, String)> {
        let asked = self.asked();
        let unclear = asked.unclear.iter();
        let unclear = unclear.filter(|(object, _)| !asked.own.contains(*object));
        unclear
            .map(|(object, why)| (object.clone(), why.clone()))
            .collect()
    }

    /// The locked sources that the scan has got, with what declares them, sorted by object.
    pub fn used(&self) -> Vec<(LockedSource, Declared)> {
        let asked = self.asked();
        let used = asked.used.iter();
        let used = used.filter(|(key, _)| !asked.own.contains(&key.object));
        used.map(|(_, used)| used.clone()).collect()
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The locked content of what is declared; else why there is none, as the end of the sentence "its content is …".
    fn find(&self, declared: Result<Declared, String>, object: &str) -> Result<LockedSource, Arc<str>> {
        let declared = match declared {
            Ok(declared) => declared,
            Err(why) => {
                let answer = format!("elsewhere: {why}");
                self.asked().unclear.insert(object.to_owned(), why);
                return Err(answer.into());
            }
        };
        match self.lock.get(&declared) {
            Some(locked) => {
                let used = (locked.clone(), declared.clone());
                self.asked().used.insert(declared.key(), used);
                Ok(locked.clone())
            }
            None => {
                let unmet = Unmet {
                    declared,
                    reason: UnmetReason::NotLocked,
                };
                self.asked().unmet.insert(unmet.declared.key(), unmet);
                Err("elsewhere, and not in the lock file: `flux-infra-guide fetch` adds it".into())
            }
        }
    }

    /// Notes that the cache lacks a locked source.
    fn not_cached(&self, locked: &LockedSource, why: &str) -> Arc<str> {
        let mut asked = self.asked();
        if let Some((locked, declared)) = asked.used.remove(&locked.key()) {
            let unmet = Unmet {
                declared,
                reason: UnmetReason::NotCached(Box::new(locked), why.to_owned()),
            };
            asked.unmet.insert(unmet.declared.key(), unmet);
        }
        "in the lock file, and not in the cache: `flux-infra-guide fetch` gets it".into()
    }

    fn tree(&self, locked: &LockedSource) -> Result<Arc<dyn SourceTree>, Arc<str>> {
        if let Some(tree) = lock(&self.trees).get(&locked.digest) {
            return Ok(Arc::clone(tree));
        }
        let bytes = self.bytes(locked)?;
        let tree = open_tree(&self.cache, locked, bytes, &self.limits);
        let tree = tree.map_err(|why| Arc::<str>::from(format!("in the cache, but {why}")))?;
        let mut trees = lock(&self.trees);
        Ok(Arc::clone(trees.entry(locked.digest.clone()).or_insert(tree)))
    }

    fn bytes(&self, locked: &LockedSource) -> Result<Vec<u8>, Arc<str>> {
        let read = self.cache.read(&locked.digest);
        read.map_err(|error: CacheError| self.not_cached(locked, &error.to_string()))
    }

    fn packed_chart(&self, locked: &LockedSource, is_oci: bool) -> ChartContent {
        let cell = {
            let mut charts = lock(&self.charts);
            Arc::clone(charts.entry(locked.digest.clone()).or_default())
        };
        let known = match cell.get() {
            Some(known) => known.clone(),
            None => match self.bytes(locked) {
                Ok(bytes) => {
                    let limits = chart_limits(&self.limits);
                    let load = || Chart::from_archive(&bytes, &locked.object, &limits).map(Arc::new);
                    cell.get_or_init(load).clone()
                }
                Err(why) => return ChartContent::Unavailable(why),
            },
        };
        match known {
            Ok(chart) => ChartContent::Known(GivenChart {
                chart,
                is_wanted_version: true,
                digest: is_oci
                    .then(|| locked.artifact_digest())
                    .flatten()
                    .map(|digest| digest.as_str().into()),
            }),
            Err(error) => ChartContent::Broken(error),
        }
    }
}

impl SourceContents for LockedSources {
    fn content(&self, source: &SourceRequest<'_>) -> SourceContent {
        let given = self.given.content(source);
        if source.is_repository {
            self.asked().own.insert(source.id.to_string());
            return given;
        }
        let (SourceContent::Unavailable(_), Some(spec)) = (&given, source.spec) else {
            return given;
        };
        let locked = match self.find(Declared::source(source.id, spec), &source.id.to_string()) {
            Ok(locked) => locked,
            Err(why) => return SourceContent::Unavailable(why),
        };
        match self.tree(&locked) {
            Ok(tree) => SourceContent::Fetched {
                tree,
                revision: locked.revision().into(),
            },
            Err(why) => SourceContent::Unavailable(why),
        }
    }

    fn chart(&self, chart: &ChartRequest<'_>) -> ChartContent {
        let given = self.given.chart(chart);
        if !matches!(given, ChartContent::Unavailable(_)) {
            return given;
        }
        // The artifact of an OCIRepository is a chart as it was packed, where it is not the repository itself.
        let of_registry = chart.source.filter(|source| source.kind == "OCIRepository");
        if let (Some(source), Some(spec)) = (of_registry, chart.spec) {
            if self.asked().own.contains(&source.to_string()) {
                return given;
            }
            return match self.find(Declared::source(source, spec), &source.to_string()) {
                Ok(locked) if locked.content == LockedContent::Archive => self.packed_chart(&locked, true),
                Ok(_) => given,
                Err(why) => ChartContent::Unavailable(why),
            };
        }
        let object = chart.helm_chart.unwrap_or(chart.release);
        match Declared::chart(chart) {
            Some(declared) => match self.find(declared, &object.to_string()) {
                Ok(locked) => self.packed_chart(&locked, false),
                Err(why) => ChartContent::Unavailable(why),
            },
            None => given,
        }
    }

    fn remote(&self, remote: &RemoteRequest<'_>) -> SourceContent {
        let given = self.given.remote(remote);
        if !matches!(given, SourceContent::Unavailable(_)) {
            return given;
        }
        let url = match remote {
            RemoteRequest::Base { repository, .. } => repository,
            RemoteRequest::File { url } => url,
        };
        let locked = match self.find(Declared::remote(remote), url) {
            Ok(locked) => locked,
            Err(why) => return SourceContent::Unavailable(why),
        };
        match self.tree(&locked) {
            Ok(tree) => SourceContent::Fetched {
                tree,
                revision: locked.revision().into(),
            },
            Err(why) => SourceContent::Unavailable(why),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of a locked source, whose bytes are read.
pub(crate) fn open_tree(
    cache: &SourceCache,
    locked: &LockedSource,
    bytes: Vec<u8>,
    limits: &Limits,
) -> Result<Arc<dyn SourceTree>, String> {
    match locked.content {
        LockedContent::Archive => {
            let tree = unpack(&bytes, limits).map_err(|error| error.to_string())?;
            Ok(Arc::new(tree))
        }
        LockedContent::Tree => {
            let listing = Listing::parse(&String::from_utf8_lossy(&bytes));
            let listing = listing.map_err(|error| error.to_string())?;
            Ok(Arc::new(BlobTree::new(
                cache.clone(),
                &listing,
                limits.file_bytes,
            )))
        }
        LockedContent::File => {
            let name = locked.url.split(['?', '#']).next().unwrap_or_default();
            let name = name.rsplit('/').next().filter(|name| !name.is_empty());
            let mut tree = MemoryTree::new();
            tree.insert(name.unwrap_or("file"), bytes);
            Ok(Arc::new(tree))
        }
    }
}

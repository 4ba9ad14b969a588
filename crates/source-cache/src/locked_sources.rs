//! [`LockedSources`]: gives a scan the sources of the lock file and the cache, and records those that it lacked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flux_evaluate::{
    ChartContent, ChartRequest, GivenChart, LazyChart, RemoteRequest, SourceContent, SourceContents,
    SourceRequest, Unavailable, chart_limits,
};
use source_tree::{Limits, MemoryTree, SourceTree};

use crate::archive::unpack;
use crate::archive_tree::ArchiveTree;
use crate::blob_tree::{BlobTree, Unread};
use crate::{
    CacheError, Declared, Digest, Listing, Lock, LockKey, LockedContent, LockedSource, SourceCache,
    VendoredFolder,
};

/// Content of sources that the caller does not provide: the lock file names it, the cache or a vendored folder has it.
pub struct LockedSources {
    given: Arc<dyn SourceContents>,
    lock: Lock,
    store: Store,
    limits: Limits,
    // Equal requests must get the same tree, at the same address.
    trees: Mutex<HashMap<Digest, OpenTree>>,
    charts: LoadedCharts,
    asked: Mutex<Asked>,
}

/// Where the content of locked sources is.
enum Store {
    Cache(SourceCache),
    Vendored(VendoredFolder),
}

#[derive(Clone)]
pub(crate) struct OpenTree {
    pub(crate) tree: Arc<dyn SourceTree>,
    /// Why a file of it could not be read, if that happened.
    unread: Unread,
}

/// Charts that were read, by their digests. Scans that share it unpack each chart once.
#[derive(Clone, Default)]
pub struct LoadedCharts(Arc<Mutex<HashMap<Digest, LazyChart>>>);

/// The sources that a scan has asked for.
#[derive(Default)]
struct Asked {
    unmet: BTreeMap<LockKey, Unmet>,
    /// Objects that declare nothing that can be fetched, and why.
    unclear: BTreeMap<String, String>,
    used: BTreeMap<LockKey, (LockedSource, Declared)>,
    /// Sources that are the repository itself, and are never fetched.
    own: BTreeSet<String>,
}

/// A declared source whose content the scan did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The source as declared.
    pub declared: Declared,
    /// Why its content is missing.
    pub reason: UnmetReason,
}

/// Why a scan did not get a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnmetReason {
    /// The lock file has no line for the current declaration.
    NotLocked,
    /// The cache lacks the content of the line in the lock file, and why.
    NotCached(Box<LockedSource>, String),
}

impl LockedSources {
    /// Content of `given` first, then of the lock file and the cache.
    pub fn new(given: Arc<dyn SourceContents>, lock: Lock, cache: SourceCache, limits: Limits) -> Self {
        LockedSources::of_store(given, lock, Store::Cache(cache), limits)
    }

    /// Content of `given` first, then of a folder that [`vendor`](crate::vendor) has written.
    pub fn vendored(given: Arc<dyn SourceContents>, folder: VendoredFolder, limits: Limits) -> Self {
        LockedSources::of_store(given, folder.lock(), Store::Vendored(folder), limits)
    }

    fn of_store(given: Arc<dyn SourceContents>, lock: Lock, store: Store, limits: Limits) -> Self {
        LockedSources {
            given,
            lock,
            store,
            limits,
            trees: Mutex::default(),
            charts: LoadedCharts::default(),
            asked: Mutex::default(),
        }
    }

    /// Shares charts with other scans.
    #[must_use]
    pub fn with_charts(self, charts: LoadedCharts) -> Self {
        LockedSources { charts, ..self }
    }

    /// The sources whose content was missing, sorted by object.
    pub fn unmet(&self) -> Vec<Unmet> {
        let asked = self.asked();
        let trees = lock(&self.trees);
        let unread = asked.used.iter().filter_map(|(key, (locked, declared))| {
            let why = trees.get(&locked.digest)?.unread.get()?;
            let unmet = Unmet {
                declared: declared.clone(),
                reason: UnmetReason::NotCached(Box::new(locked.clone()), why.clone()),
            };
            Some((key.clone(), unmet))
        });
        let mut unmet: BTreeMap<LockKey, Unmet> = unread.collect();
        unmet.extend(asked.unmet.clone());
        unmet.retain(|key, _| !asked.own.contains(&key.object));
        unmet.into_values().collect()
    }

    /// The requested sources that cannot be fetched, and why, sorted by object.
    pub fn unclear(&self) -> Vec<(String, String)> {
        let asked = self.asked();
        let unclear = asked.unclear.iter();
        let unclear = unclear.filter(|(object, _)| !asked.own.contains(*object));
        unclear
            .map(|(object, why)| (object.clone(), why.clone()))
            .collect()
    }

    /// The locked sources that the scan has got, with their declarations, sorted by object.
    pub fn used(&self) -> Vec<(LockedSource, Declared)> {
        let asked = self.asked();
        let used = asked.used.iter();
        let used = used.filter(|(key, _)| !asked.own.contains(&key.object));
        used.map(|(_, used)| used.clone()).collect()
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        lock(&self.asked)
    }

    /// The line of a declared source; else why it is missing, as the end of the sentence "its content is …".
    fn find(&self, declared: Result<Declared, String>, object: &str) -> Result<LockedSource, Unavailable> {
        let declared = match declared {
            Ok(declared) => declared,
            Err(why) => {
                let answer = format!("elsewhere: {why}");
                self.asked().unclear.insert(object.to_owned(), why);
                return Err(Unavailable::from(answer.as_str()));
            }
        };
        match self.lock.get(&declared) {
            Some(locked) => {
                let used = (locked.clone(), declared.clone());
                self.asked().used.insert(declared.key(), used);
                Ok(locked.clone())
            }
            None => {
                self.asked().add_unmet(declared, UnmetReason::NotLocked);
                Err(match &self.store {
                    Store::Cache(_) => "elsewhere, and not in the lock file".into(),
                    Store::Vendored(folder) => {
                        let why = format!("elsewhere, and not in {} as it is declared now", folder.path());
                        Unavailable::from(why.as_str())
                    }
                })
            }
        }
    }

    /// Records that the cache lacks a locked source.
    fn not_cached(&self, locked: &LockedSource, why: &str) -> Unavailable {
        let mut asked = self.asked();
        if let Some((locked, declared)) = asked.used.remove(&locked.key()) {
            asked.add_unmet(declared, UnmetReason::NotCached(Box::new(locked), why.to_owned()));
        }
        Unavailable {
            why: "in the lock file, and not in the cache".into(),
            is_locked: true,
        }
    }

    fn tree(&self, locked: &LockedSource) -> Result<Arc<dyn SourceTree>, Unavailable> {
        if let Some(open) = lock(&self.trees).get(&locked.digest) {
            return Ok(Arc::clone(&open.tree));
        }
        // Rendering a chart needs no tree of it, and hardly anything else looks into it.
        let is_chart =
            locked.content == LockedContent::Archive && lock(&self.charts.0).contains_key(&locked.digest);
        let open = match &self.store {
            _ if is_chart => Ok(OpenTree::packed(self.bytes(locked)?, self.limits)),
            Store::Cache(cache) => open_tree(cache, locked, self.bytes(locked)?, &self.limits),
            Store::Vendored(folder) => folder.tree(locked, &self.limits).map_err(OpenError::Wrong),
        };
        let open = open.map_err(|error| match error {
            OpenError::Missing(error) => self.not_cached(locked, &error.to_string()),
            OpenError::Wrong(why) => broken(&why),
        })?;
        let mut trees = lock(&self.trees);
        let open = trees.entry(locked.digest.clone()).or_insert(open);
        Ok(Arc::clone(&open.tree))
    }

    fn bytes(&self, locked: &LockedSource) -> Result<Vec<u8>, Unavailable> {
        match &self.store {
            Store::Cache(cache) => {
                let read = cache.read(&locked.digest);
                read.map_err(|error: CacheError| self.not_cached(locked, &error.to_string()))
            }
            Store::Vendored(folder) => folder.read(locked).map_err(|why| broken(&why)),
        }
    }

    /// The files of a declared source.
    fn files(&self, declared: Result<Declared, String>, object: &str) -> SourceContent {
        let found = self.find(declared, object);
        match found.and_then(|locked| Ok((self.tree(&locked)?, locked))) {
            Ok((tree, locked)) => SourceContent::Fetched {
                tree,
                revision: locked.revision().into(),
            },
            Err(why) => SourceContent::Unavailable(why),
        }
    }

    fn packed_chart(&self, locked: &LockedSource, is_oci: bool) -> ChartContent {
        let known = lock(&self.charts.0).get(&locked.digest).cloned();
        let chart = match known {
            Some(known) => known,
            None => match self.bytes(locked) {
                Ok(bytes) => {
                    let read = LazyChart::packed(bytes, &locked.object, chart_limits(&self.limits));
                    let mut charts = lock(&self.charts.0);
                    charts.entry(locked.digest.clone()).or_insert(read).clone()
                }
                Err(why) => return ChartContent::Unavailable(why),
            },
        };
        let digest = is_oci.then(|| locked.artifact_digest()).flatten();
        ChartContent::Known(GivenChart {
            chart,
            is_wanted_version: true,
            digest: digest.map(|digest| digest.as_str().into()),
        })
    }
}

impl Asked {
    fn add_unmet(&mut self, declared: Declared, reason: UnmetReason) {
        self.unmet.insert(declared.key(), Unmet { declared, reason });
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
        // These hold charts, which releases request by name, and no files.
        if matches!(source.id.kind.as_str(), "HelmRepository" | "HelmChart") {
            return given;
        }
        self.files(Declared::source(source.id, spec), &source.id.to_string())
    }

    fn chart(&self, chart: &ChartRequest<'_>) -> ChartContent {
        let given = self.given.chart(chart);
        if !matches!(given, ChartContent::Unavailable(_)) {
            return given;
        }
        // The artifact of an OCIRepository is a packed chart, unless it is the repository itself.
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
        self.files(Declared::remote(remote), url)
    }
}

/// Content that exists but cannot be used.
fn broken(why: &str) -> Unavailable {
    Unavailable::from(format!("there, but {why}").as_str())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why the files of a locked source cannot be opened.
pub(crate) enum OpenError {
    /// The cache lacks one of them.
    Missing(CacheError),
    /// They are broken.
    Wrong(String),
}

impl OpenTree {
    /// Files that are complete.
    pub(crate) fn whole(tree: Arc<dyn SourceTree>) -> Self {
        OpenTree {
            tree,
            unread: Unread::default(),
        }
    }

    /// Files that are unpacked on first use.
    fn packed(bytes: Vec<u8>, limits: Limits) -> Self {
        let unread = Unread::default();
        OpenTree {
            tree: Arc::new(ArchiveTree::new(bytes, limits, Arc::clone(&unread))),
            unread,
        }
    }
}

/// The files of a locked source, from the bytes of its blob.
pub(crate) fn open_tree(
    cache: &SourceCache,
    locked: &LockedSource,
    bytes: Vec<u8>,
    limits: &Limits,
) -> Result<OpenTree, OpenError> {
    match locked.content {
        LockedContent::Archive => {
            let tree = unpack(&bytes, limits).map_err(|error| OpenError::Wrong(error.to_string()))?;
            Ok(OpenTree::whole(Arc::new(tree)))
        }
        LockedContent::Tree => {
            let listing = Listing::parse(&String::from_utf8_lossy(&bytes));
            let listing = listing.map_err(|error| OpenError::Wrong(error.to_string()))?;
            // If a file is missing, the source is fetched again, instead of a build failing that happens to read the file.
            for (_, file) in listing.files() {
                cache
                    .check_is_there(&file.digest, file.bytes)
                    .map_err(OpenError::Missing)?;
            }
            let unread = Unread::default();
            let tree = BlobTree::new(cache.clone(), &listing, limits.file_bytes, Arc::clone(&unread));
            Ok(OpenTree {
                tree: Arc::new(tree),
                unread,
            })
        }
        LockedContent::File => {
            let mut tree = MemoryTree::new();
            tree.insert(file_name(&locked.url), bytes);
            Ok(OpenTree::whole(Arc::new(tree)))
        }
    }
}

/// The file name in a URL.
fn file_name(url: &str) -> &str {
    let name = url.split(['?', '#']).next().unwrap_or_default();
    let name = name.rsplit('/').next().filter(|name| !name.is_empty());
    name.unwrap_or("file")
}

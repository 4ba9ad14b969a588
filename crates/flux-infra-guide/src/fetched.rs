//! Use of the lock file and of the user's cache by a scan.

use std::sync::Arc;
use std::time::SystemTime;

use camino::Utf8Path;
use flux_scan::{GivenSources, KeptRenderings, ScanOptions, SourceContents};
use source_cache::{
    CacheError, LOCK_FILE, LoadedCharts, LockedSources, RenderingCache, SourceCache, Swept, UnmetReason,
};
use source_tree::{EntryKind, RepoPath, SourceTree};

use crate::cache;
use crate::exit::Failure;
use crate::report;
use crate::terminal::Terminal;

/// The lock file that a scan uses.
pub(crate) enum Lock {
    /// That of the repository, if it has one.
    OfRepository,
    /// One that `fetch` is about to write.
    #[cfg_attr(not(feature = "fetch"), expect(dead_code, reason = "only `fetch` makes one"))]
    Given(source_cache::Lock),
}

/// The sources of a scan from the lock file, besides those that the caller names; `None` without a lock file.
///
/// # Errors
/// [`Failure`] if the lock file is invalid.
pub(crate) fn sources(
    lock: &Lock,
    tree: &Arc<dyn SourceTree>,
    options: &ScanOptions,
    charts: &LoadedCharts,
    now: SystemTime,
) -> Result<Option<Arc<LockedSources>>, Failure> {
    let lock = match lock {
        Lock::Given(lock) => lock.clone(),
        Lock::OfRepository => match read(&**tree)? {
            Some(lock) => lock,
            None => return Ok(None),
        },
    };
    let given = options.sources.clone();
    let given = given.unwrap_or_else(|| Arc::new(GivenSources::default()) as Arc<dyn SourceContents>);
    let locked = LockedSources::new(given, lock, source_cache(now), options.limits);
    Ok(Some(Arc::new(locked.with_charts(charts.clone()))))
}

/// The lock file of a repository.
///
/// # Errors
/// [`Failure`] if it is invalid.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<source_cache::Lock>, Failure> {
    let path = RepoPath::new(LOCK_FILE);
    if tree.kind(&path) != Some(EntryKind::File) {
        return Ok(None);
    }
    let bytes = tree.read(&path).map_err(Failure::input)?;
    let text = String::from_utf8_lossy(&bytes);
    let lock = source_cache::Lock::parse(&text);
    lock.map(Some)
        .map_err(|error| Failure::input(&error).hint(error.hint()))
}

/// The user's cache. Without a folder for it, the cache is always empty.
pub(crate) fn source_cache(now: SystemTime) -> SourceCache {
    let folder = cache::folder();
    SourceCache::new(folder.as_deref().unwrap_or(Utf8Path::new("/nonexistent")), now)
}

/// The cached renderings of charts by this build of the program; `None` if the build is not known, or without a cache folder.
pub(crate) fn renderings(now: SystemTime) -> Option<Arc<dyn KeptRenderings>> {
    let program = std::env::current_exe().ok()?.metadata().ok()?;
    let built = program.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH);
    let (length, built) = (program.len(), built.ok()?.as_nanos());
    let program = format!("{} {length} {built}", env!("CARGO_PKG_VERSION"));
    Some(Arc::new(RenderingCache::new(&cache::folder()?, program, now)))
}

/// Removes renderings that were not used since a time.
///
/// # Errors
/// Those of the file system.
pub(crate) fn sweep_renderings(now: SystemTime, unused_since: SystemTime) -> Result<Swept, CacheError> {
    match cache::folder() {
        Some(folder) => RenderingCache::sweep(&folder, now, unused_since),
        None => Ok(Swept::default()),
    }
}

/// Warns once if the lock file does not name all declared sources. Sources that the cache lacks are findings of the scan.
pub(crate) fn warn_of_unlocked(locked: &LockedSources, terminal: &Terminal) {
    let unmet = locked.unmet();
    let unlocked = unmet
        .iter()
        .filter(|unmet| unmet.reason == UnmetReason::NotLocked)
        .count();
    if unlocked > 0 {
        let sources = if unlocked == 1 {
            "source that is"
        } else {
            "sources that are"
        };
        let message =
            format!("the repository declares {unlocked} {sources} not in {LOCK_FILE} as declared now");
        let hint = match cfg!(feature = "fetch") {
            true => "lock them with: flux-infra-guide fetch",
            false => "give their content with --source and --charts",
        };
        report::warning(terminal, &message, hint);
    }
}

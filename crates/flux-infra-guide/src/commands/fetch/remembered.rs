//! The sources that the last fetch found, kept in the user's cache so that an unchanged repository need not be scanned.

use std::sync::Arc;
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::ScanOptions;
use freshness::{CachedResult, ScanReads};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use source_cache::{LOCK_FILE, Lock, LockedSource, LockedSources, SourceCache};
use source_fetch::{Plan, Updated};
use source_tree::{Asked, SourceTree};

use super::Arguments;
use crate::cache;
use crate::git::Repository;
use crate::scan_args::{Scanned, vars};

/// The folder in the user's cache.
const FOLDER: &str = "fetched";

/// The cached result of a fetch; `None` if files outside of the repository decide which sources are declared.
pub(super) struct Memory(Option<CachedResult>);

/// The declared sources of a scan, all of which were in the cache.
#[derive(Serialize, Deserialize)]
pub(super) struct Remembered {
    sources: Vec<LockedSource>,
    unclear: Vec<(String, String)>,
    unverified: Vec<String>,
}

/// The parts of a scan that a fetch needs, without the model, which takes much memory.
pub(super) struct Scan {
    /// The sources that the scan asked the lock file and the cache for.
    pub(super) sources: Arc<LockedSources>,
    folder: Utf8PathBuf,
    asked: Asked,
    began: SystemTime,
}

impl Scan {
    /// `None` if the scan used neither lock file nor cache.
    pub(super) fn new(scanned: Scanned) -> Option<Self> {
        Some(Scan {
            sources: Arc::clone(scanned.locked.as_ref()?),
            asked: scanned.asked(),
            folder: scanned.folder,
            began: scanned.began,
        })
    }
}

impl Memory {
    pub(super) fn new(arguments: &Arguments, folder: &Utf8Path) -> Self {
        let result = || {
            let surroundings = surroundings(arguments, folder)?;
            Some(CachedResult::new(
                &cache::folder()?,
                FOLDER,
                folder,
                &[&surroundings],
            ))
        };
        Memory(result())
    }

    /// The result of the last fetch if nothing has to be fetched: the repository is unchanged, the lock file names all
    /// its sources, and the cache has them. Otherwise `None`, and a scan is needed.
    pub(super) fn recall(
        &self,
        tree: &dyn SourceTree,
        lock: &Lock,
        cache: &SourceCache,
    ) -> Option<Remembered> {
        let remembered: Remembered = self.0.as_ref()?.read(tree)?;
        let is_locked = |source: &LockedSource| lock.iter().any(|locked| locked == source);
        let is_there = |source: &LockedSource| is_locked(source) && cache.has_source(source);
        remembered.sources.par_iter().all(is_there).then_some(remembered)
    }

    /// Remembers the result of the last scan of a fetch; `tree` is the repository as it is now.
    pub(super) fn keep(&self, last: &Scan, tree: &dyn SourceTree, plan: &Plan, updated: &Updated) {
        let Some(result) = &self.0 else {
            return;
        };
        let is_whole = updated.failed.is_empty() && last.sources.unmet().is_empty();
        // If single objects were named, the lock file may have lines that nothing declares.
        if !is_whole || !plan.only.is_empty() {
            return;
        }
        let used = last.sources.used().into_iter();
        let remembered = Remembered {
            sources: used.map(|(locked, _)| locked).collect(),
            unclear: updated.unclear.clone(),
            unverified: updated.unverified.clone(),
        };
        let reads = ScanReads {
            tree,
            folder: &last.folder,
            asked: &last.asked,
            began: last.began,
            written: &[LOCK_FILE],
        };
        // A cache that cannot be written only costs time.
        let _ = result.write(&reads, &remembered);
    }
}

impl Remembered {
    /// The result of an update without work.
    pub(super) fn into_updated(self, lock: &Lock) -> Updated {
        Updated {
            lock: lock.clone(),
            unclear: self.unclear,
            unverified: self.unverified,
            ..Updated::default()
        }
    }
}

/// Everything besides the repository's files that decides which sources are declared, as one text. `None` if this includes
/// the content of other folders.
fn surroundings(arguments: &Arguments, folder: &Utf8Path) -> Option<String> {
    let scan = &arguments.scan;
    let options = &scan.options;
    let is_alone = scan.rwenv.is_none()
        && options.source.is_empty()
        && options.charts.is_empty()
        && options.chart.is_empty();
    if !is_alone {
        return None;
    }
    let mut git = ScanOptions::default();
    // Remotes and branches decide which sources are the repository itself.
    if let Some(repository) = Repository::at_top(folder).ok()? {
        repository.describe(&mut git);
    }
    let mut text = format!("{options:?}\n{:?}\n{:?}\n", git.remotes, git.branches);
    for stated in &options.vars {
        text.push_str(&vars(stated).ok()?.text);
        text.push('\0');
    }
    Some(text)
}

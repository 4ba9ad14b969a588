//! Brings a lock file up to date with the declarations of a repository.
//!
//! Fetched content may declare more sources: a Kustomization of a Git repository has its own releases. So the repository is
//! scanned, the sources that the scan lacked are fetched, and this is repeated until a scan lacks nothing new.

use std::collections::BTreeSet;
use std::sync::Arc;

use source_cache::{Declared, Lock, LockKey, LockedSource, LockedSources, SourceCache, Unmet, UnmetReason};

use crate::fetcher::{Fetcher, Job, Progress};
use crate::problem::FetchError;

/// Most rounds of scanning and fetching.
const MAX_ROUNDS: usize = 16;

/// Which sources to fetch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Objects whose content is fetched, as `Kind/namespace/name`; all objects if empty.
    pub only: Vec<String>,
    /// The locked sources to resolve again.
    pub update: Update,
    /// Whether to keep lines of the lock file that the scan did not ask for, such as those of other clusters.
    pub keeps_unused: bool,
}

/// Which locked sources are resolved again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Update {
    /// None: the lock file decides.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// Those with these names, or `Kind/namespace/name`.
    Named(Vec<String>),
}

/// The result of an update.
#[derive(Clone, Debug, Default)]
pub struct Updated {
    /// The new lock file.
    pub lock: Lock,
    /// Sources that were fetched or resolved again, sorted by object.
    pub fetched: Vec<LockedSource>,
    /// Sources that could not be fetched, and why.
    pub failed: Vec<FetchError>,
    /// Objects that declare nothing that can be fetched, and why.
    pub unclear: Vec<(String, String)>,
    /// Objects whose signatures Flux verifies, which was not done here.
    pub unverified: Vec<String>,
    /// Sources that were left out by the plan or by the bound on rounds.
    pub left_out: Vec<Declared>,
}

/// A source whose current version differs from the locked one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// The source as declared.
    pub declared: Declared,
    /// The locked version; `None` without a line in the lock file.
    pub locked: Option<String>,
    /// The current version.
    pub now: String,
}

impl Plan {
    /// Whether the content of a source is fetched.
    pub fn includes(&self, declared: &Declared) -> bool {
        self.only.is_empty() || self.only.contains(&declared.object)
    }
}

impl Update {
    fn includes(&self, declared: &Declared) -> bool {
        match self {
            Update::Nothing => false,
            Update::Everything => true,
            Update::Named(names) => names.iter().any(|name| {
                let object = &declared.object;
                object == name || object.rsplit('/').next() == Some(name) || declared.url == *name
            }),
        }
    }
}

impl Fetcher {
    /// Fetches sources that a repository declares and the lock file or the cache lacks. `scan` scans with a lock file and returns
    /// the sources that it asked for.
    ///
    /// # Errors
    /// Those of `scan`.
    pub fn update<E>(
        &self,
        lock: &Lock,
        cache: &SourceCache,
        plan: &Plan,
        mut scan: impl FnMut(&Lock) -> Result<Arc<LockedSources>, E>,
        progress: &mut dyn Progress,
    ) -> Result<Updated, E> {
        let mut updated = Updated {
            lock: lock.clone(),
            ..Updated::default()
        };
        let mut tried: BTreeSet<LockKey> = BTreeSet::new();
        let mut fetched: Vec<LockedSource> = Vec::new();
        let mut rounds = 0;
        let sources = loop {
            let sources = scan(&updated.lock)?;
            rounds += 1;
            let jobs: Vec<Job> = jobs(&sources, plan)
                .into_iter()
                .filter(|job| !tried.contains(&job.declared.key()))
                .collect();
            if jobs.is_empty() || rounds >= MAX_ROUNDS {
                break sources;
            }
            tried.extend(jobs.iter().map(|job| job.declared.key()));
            for done in self.fetch(jobs, cache, progress) {
                match done.result {
                    Ok(source) => {
                        updated.lock.insert(source.clone());
                        fetched.push(source);
                    }
                    Err(error) => updated.failed.push(error),
                }
            }
        };
        fetched.sort();
        updated.fetched = fetched;
        updated.unclear = sources.unclear();
        let unmet = sources.unmet();
        let left_out = unmet.iter().map(|unmet| &unmet.declared);
        let left_out = left_out.filter(|declared| !tried.contains(&declared.key()));
        updated.left_out = left_out.cloned().collect();
        let used = sources.used();
        let declared = used.iter().map(|(_, declared)| declared);
        let verified = declared.filter(|declared| declared.states_verify);
        let verified: BTreeSet<&String> = verified.map(|declared| &declared.object).collect();
        updated.unverified = verified.into_iter().cloned().collect();
        if !plan.keeps_unused && plan.only.is_empty() {
            updated.lock = in_use(&updated.lock, &used, &unmet);
        }
        Ok(updated)
    }

    /// Sources with another version than the locked one, or without a locked one. Only lists of versions are fetched.
    pub fn outdated(
        &self,
        sources: &LockedSources,
        plan: &Plan,
        progress: &mut dyn Progress,
    ) -> (Vec<Outdated>, Vec<FetchError>) {
        let used = sources.used().into_iter();
        let used = used.map(|(locked, declared)| (declared, Some(locked)));
        let unmet = sources.unmet().into_iter();
        let unmet = unmet.map(|Unmet { declared, reason }| (declared, locked(reason)));
        let asked: Vec<(Declared, Option<LockedSource>)> = used
            .chain(unmet)
            .filter(|(declared, _)| plan.includes(declared))
            .collect();
        let declared = asked.iter().map(|(declared, _)| declared.clone()).collect();
        let mut outdated = Vec::new();
        let mut failed = Vec::new();
        for ((declared, locked), (_, now)) in asked.into_iter().zip(self.resolve(declared, progress)) {
            let locked = locked.map(|locked| locked.resolved);
            match now {
                Ok(now) if locked.as_ref() == Some(&now) => {}
                Ok(now) => outdated.push(Outdated {
                    declared,
                    locked,
                    now,
                }),
                Err(error) => failed.push(error),
            }
        }
        outdated.sort_by(|a, b| a.declared.cmp(&b.declared));
        (outdated, failed)
    }
}

/// The locked content of a source that a scan did not get.
fn locked(reason: UnmetReason) -> Option<LockedSource> {
    match reason {
        UnmetReason::NotLocked => None,
        UnmetReason::NotCached(locked, _) => Some(*locked),
    }
}

/// The sources that a scan lacked, and those to resolve again.
fn jobs(sources: &LockedSources, plan: &Plan) -> Vec<Job> {
    let unmet = sources.unmet().into_iter().map(|Unmet { declared, reason }| {
        let locked = locked(reason).filter(|_| !plan.update.includes(&declared));
        Job { declared, locked }
    });
    let used = sources.used().into_iter().map(|(_, declared)| declared);
    let renewed = used.filter(|declared| plan.update.includes(declared));
    let renewed = renewed.map(|declared| Job {
        declared,
        locked: None,
    });
    let jobs = unmet.chain(renewed);
    jobs.filter(|job| plan.includes(&job.declared)).collect()
}

/// The lines that a scan asked for, whether the cache has their content or not.
fn in_use(lock: &Lock, used: &[(LockedSource, Declared)], unmet: &[Unmet]) -> Lock {
    let used = used.iter().map(|(locked, _)| locked.key());
    let unmet = unmet.iter().map(|unmet| unmet.declared.key());
    let keys: BTreeSet<LockKey> = used.chain(unmet).collect();
    let lines = lock.iter().filter(|source| keys.contains(&source.key()));
    lines.cloned().collect()
}

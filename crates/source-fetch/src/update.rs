//! A lock file brought up to what a repository declares.
//!
//! What is fetched may declare more: a Kustomization of a Git repository has releases of its own. So the repository is scanned
//! with what there is, what it asked for in vain is fetched, and that again until nothing new is asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use source_cache::{Declared, Lock, LockKey, LockedSource, LockedSources, SourceCache, Unmet, UnmetReason};

use crate::fetcher::{Fetcher, Job, Progress};
use crate::problem::FetchError;

/// How often what was fetched may declare more.
const MAX_ROUNDS: usize = 16;

/// What is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Objects, as `Kind/namespace/name`, whose content is fetched; all where none is named.
    pub only: Vec<String>,
    /// What is resolved anew.
    pub update: Update,
    /// Whether lines of the lock file stay that this scan did not ask for, as where it looked at one of several clusters.
    pub keeps_unused: bool,
}

/// Which locked sources are resolved anew.
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

/// What came of an update.
#[derive(Clone, Debug, Default)]
pub struct Updated {
    /// The new lock file.
    pub lock: Lock,
    /// What was fetched or resolved anew, sorted by object.
    pub fetched: Vec<LockedSource>,
    /// What was not fetched, and why.
    pub failed: Vec<FetchError>,
    /// Objects that declare nothing that can be fetched, and why.
    pub unclear: Vec<(String, String)>,
    /// Objects whose signatures Flux verifies, which nothing here has done.
    pub unverified: Vec<String>,
    /// What the plan leaves out, or the bound on rounds.
    pub left_out: Vec<Declared>,
}

/// A locked source that has moved on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// What is declared.
    pub declared: Declared,
    /// What the lock file has; none where it has no line.
    pub locked: Option<String>,
    /// What there is now.
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
    /// Fetches what a repository declares and the lock file or the cache lacks. `scan` scans with a lock file and says what was
    /// asked for.
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
        let verifies = used
            .iter()
            .map(|(_, declared)| declared)
            .filter(|declared| declared.states_verify);
        let verifies: BTreeSet<&String> = verifies.map(|declared| &declared.object).collect();
        updated.unverified = verifies.into_iter().cloned().collect();
        if !plan.keeps_unused && plan.only.is_empty() {
            updated.lock = in_use(&updated.lock, &used, &unmet);
        }
        Ok(updated)
    }

    /// What has moved on since it was locked, and what is not locked. Nothing is fetched but lists of versions.
    pub fn outdated(
        &self,
        sources: &LockedSources,
        plan: &Plan,
        progress: &mut dyn Progress,
    ) -> (Vec<Outdated>, Vec<FetchError>) {
        let used = sources
            .used()
            .into_iter()
            .map(|(locked, declared)| (declared, Some(locked)));
        let unmet = sources.unmet().into_iter().map(|unmet| match unmet.reason {
            UnmetReason::NotLocked => (unmet.declared, None),
            UnmetReason::NotCached(locked, _) => (unmet.declared, Some(*locked)),
        });
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

/// What a scan asked for in vain, and what is to be resolved anew.
fn jobs(sources: &LockedSources, plan: &Plan) -> Vec<Job> {
    let unmet = sources.unmet().into_iter().map(|Unmet { declared, reason }| {
        let locked = match reason {
            UnmetReason::NotLocked => None,
            UnmetReason::NotCached(locked, _) => Some(*locked),
        };
        let locked = locked.filter(|_| !plan.update.includes(&declared));
        Job { declared, locked }
    });
    let renewed = sources.used().into_iter().filter_map(|(_, declared)| {
        let locked = None;
        plan.update
            .includes(&declared)
            .then_some(Job { declared, locked })
    });
    unmet
        .chain(renewed)
        .filter(|job| plan.includes(&job.declared))
        .collect()
}

/// The lines that are asked for, whether the cache has them or not.
fn in_use(lock: &Lock, used: &[(LockedSource, Declared)], unmet: &[Unmet]) -> Lock {
    let keys = used
        .iter()
        .map(|(locked, _)| locked.key())
        .chain(unmet.iter().map(|unmet| unmet.declared.key()));
    let keys: BTreeSet<LockKey> = keys.collect();
    lock.iter()
        .filter(|source| keys.contains(&source.key()))
        .cloned()
        .collect()
}

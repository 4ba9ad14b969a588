//! A repository turns into its cluster entries: the folders that Flux reconciles first.
//!
//! Bootstrapping leaves its traces in the repository: a FluxInstance or a HelmRelease of the chart `flux-instance` with
//! `sync.path`, or a `gotk-sync.yaml` file. Where there is neither, folders whose build holds Flux Kustomizations count.

mod bootstrap_file;
mod emitting;
mod entry;
mod instances;
mod manifests;
mod names;

use std::sync::Arc;

use source_tree::{EntryKind, Limits, RepoPath, SourceTree};

use crate::{ClusterArg, ScanError, ScanOptions, jobs};

pub use entry::Entry;
pub(crate) use entry::SyncSource;
pub(crate) use instances::{chart_name, instance_of_release};
pub(crate) use names::names;

/// The cluster entries of a repository, sorted by path, with names that tell them apart.
///
/// # Errors
/// [`ScanError::NoEntry`] where there is none, [`ScanError::Unreadable`] where the repository cannot be read.
pub fn discover(tree: &Arc<dyn SourceTree>, limits: &Limits) -> Result<Vec<Entry>, ScanError> {
    let manifests = manifests::Manifests::read(tree, limits)?;
    let mut entries = bootstrapped(&manifests);
    if entries.is_empty() {
        entries = emitting::find(&manifests.in_artifact(tree));
    }
    if entries.is_empty() {
        return Err(ScanError::NoEntry);
    }
    Ok(named(entries))
}

/// The entries to evaluate: those that the caller names, else every one that is found.
///
/// # Errors
/// As [`discover`]; [`ScanError::EntryMissing`] where a named one is no folder.
pub fn entries(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Vec<Entry>, ScanError> {
    jobs::with_jobs(options.jobs, || match options.clusters.as_slice() {
        [] => discover(tree, &options.limits),
        clusters => entries_at(tree, &options.limits, clusters),
    })?
}

/// The entries that a caller names, with what bootstrapping says of them.
///
/// # Errors
/// [`ScanError::EntryMissing`] where one is no folder.
fn entries_at(
    tree: &Arc<dyn SourceTree>,
    limits: &Limits,
    clusters: &[ClusterArg],
) -> Result<Vec<Entry>, ScanError> {
    let manifests = manifests::Manifests::read(tree, limits)?;
    let known = bootstrapped(&manifests);
    let mut entries = Vec::new();
    for cluster in clusters {
        if tree.kind(&cluster.path) != Some(EntryKind::Directory) {
            return Err(ScanError::EntryMissing {
                path: cluster.path.clone(),
            });
        }
        let found = known.iter().find(|entry| entry.path == cluster.path);
        entries.push(match found {
            Some(entry) => entry.clone(),
            None => beside(&known, &cluster.path),
        });
    }
    let mut entries = named(entries);
    for (entry, cluster) in entries.iter_mut().zip(clusters) {
        if let Some(name) = &cluster.name {
            name.clone_into(&mut entry.name);
        }
    }
    Ok(entries)
}

/// An entry that nothing points at, in a repository with others: what is this repository for them is so for it too.
fn beside(known: &[Entry], path: &RepoPath) -> Entry {
    let mut entry = Entry::bare(path.clone());
    for other in known {
        if path.starts_with(&other.root) && other.root.starts_with(&entry.root) {
            entry.root = other.root.clone();
        }
        for sync in &other.sync {
            if !entry.sync.contains(sync) {
                entry.sync.push(sync.clone());
            }
        }
    }
    entry
}

fn bootstrapped(manifests: &manifests::Manifests) -> Vec<Entry> {
    let mut entries = instances::find(manifests);
    for (file, entry) in bootstrap_file::find(manifests) {
        // A file in what an instance reconciles is left over from another way of bootstrapping.
        let is_left_over = |known: &Entry| known.instance.is_some() && file.starts_with(&known.path);
        if !entries.iter().any(is_left_over) {
            entries.push(entry);
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn named(mut entries: Vec<Entry>) -> Vec<Entry> {
    let paths: Vec<&RepoPath> = entries.iter().map(|entry| &entry.path).collect();
    let names = names(&paths);
    for (entry, name) in entries.iter_mut().zip(names) {
        entry.name = name;
    }
    entries
}

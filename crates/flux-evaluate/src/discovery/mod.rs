//! A repository turns into its cluster entries: the folders that Flux reconciles first.
//!
//! The rule, in order:
//!
//! 1. Files of bootstrapping name entries: a FluxInstance or a HelmRelease of the chart `flux-instance` with `sync.path`,
//!    and `gotk-sync.yaml` files ([`instances`], [`bootstrap_file`]).
//! 2. A folder with a Kustomization that points at that folder is an entry ([`candidates`], [`choosing`]).
//! 3. Otherwise every folder whose build contains Kustomizations with a `sourceRef` is a candidate. It is dropped if a
//!    kustomization file lists it, if a Kustomization elsewhere points at it or at a folder around it, or if none of its sources
//!    is defined while another candidate's is. Besides entries of 1 and 2, only folders in similar places count.
//! 4. If no Kustomization builds anything of this repository, something outside of it does: folders with a kustomization file
//!    that nothing lists are entries, or those that a Flux configuration of Azure names ([`flux_configurations`]), grouped by
//!    environment ([`kustomization_roots`], [`EntryKind::KustomizationRoot`]).
//! 5. If there is no such file either, folders with other Flux objects are entries ([`flux_folders`]).
//!
//! A folder with a file for each cluster is no entry itself: the folders that the files point at are ([`root_files`]).
//! Folders whose names say that they are not in use count only if there is no other, and archives never ([`left_over`]).

mod bootstrap_file;
mod candidates;
mod choosing;
mod entry;
mod environments;
mod flux_configurations;
mod flux_folders;
mod folders;
mod instances;
mod kustomization_roots;
mod left_over;
mod manifests;
mod names;
pub use names::legal_folder_name;
mod other_repositories;
mod root_files;
mod shared_bases;
mod survey;
mod templates;
mod twins;
mod uncommitted;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use source_tree::{EntryKind as PathKind, RepoPath, SourceTree};

use crate::{ClusterArg, ScanError, ScanOptions, jobs};

use candidates::Search;
use choosing::is_place;
use folders::Folders;
use manifests::Manifests;
use survey::Survey;

pub(crate) use entry::SyncSource;
pub use entry::{Entry, EntryKind};
pub(crate) use instances::{chart_name, instance_of_release};
pub use left_over::is_left_over;
use names::names;

/// The cluster entries of a repository, sorted by path, with unique names. Entries that the options name are ignored.
///
/// # Errors
/// [`ScanError::NoEntry`] if there is none, [`ScanError::Unreadable`] if the repository cannot be read.
pub fn discover(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Vec<Entry>, ScanError> {
    let manifests = Manifests::read(tree, options)?;
    let is_rendered = |entry: &Entry| !left_over::has_template_marks(entry.path.as_str());
    let entries = bootstrapped(&manifests).into_iter().filter(is_rendered);
    let (mut in_use, left_over): (Vec<Entry>, Vec<Entry>) =
        entries.partition(|entry| !manifests.is_left_over(&entry.path));
    let is_searched = in_use.is_empty() || has_kustomizations_beside(&manifests, &in_use);
    if is_searched || twins::may_exist(&manifests, &in_use) {
        let manifests = manifests.in_artifact(tree);
        let mut found = search(&manifests, false, &in_use);
        // Without a folder for clusters, only entries right beside the known ones count.
        let is_beside = |entry: &Entry| {
            let parent = entry.path.parent();
            in_use.iter().any(|known| known.path.parent() == parent)
        };
        found.retain(|entry| is_searched || is_beside(entry));
        in_use.extend(found);
        if in_use.is_empty() {
            in_use = left_over;
        }
        if in_use.is_empty() {
            in_use = search(&manifests, true, &[]);
        }
        // Samples may be all that a repository is for. Archives never are.
        let archived = in_use.extract_if(.., |entry| left_over::is_archived(&entry.path));
        let archived: Vec<RepoPath> = archived.map(|entry| entry.path).collect();
        // Releases in a repository that another program applies are left over.
        if in_use.is_empty()
            && (manifests.mention_kustomizations() || manifests.applied_by_another().is_none())
        {
            in_use = flux_folders::find(&manifests);
        }
        // Overlays beside Applications of Argo CD are applied by that.
        if !manifests.mention_flux() && manifests.applied_by_another().is_some() {
            in_use.retain(|entry| entry.kind() == EntryKind::Flux);
        }
        in_use.retain(is_rendered);
        if in_use.is_empty() {
            let search = Search {
                manifests: &manifests,
                survey: &Survey::new(&manifests, true),
            };
            return Err(ScanError::NoEntry {
                folders: search.suggestions(),
                archived,
                instead: manifests.applied_by_another(),
                templates: templates::find(&manifests),
            });
        }
    }
    in_use.sort_by(|a, b| a.path.cmp(&b.path));
    for entry in &mut in_use {
        entry.uncommitted = uncommitted::find(tree, &options.limits, entry);
    }
    Ok(with_names(in_use))
}

fn search(manifests: &Manifests, with_left_overs: bool, bootstrapped: &[Entry]) -> Vec<Entry> {
    let survey = &Survey::new(manifests, with_left_overs);
    Search { manifests, survey }.entries(bootstrapped)
}

/// Whether there are Kustomizations in folders for clusters around the entries, outside of the entries.
fn has_kustomizations_beside(manifests: &Manifests, entries: &[Entry]) -> bool {
    let around = entries
        .iter()
        .flat_map(|entry| entry.path.ancestors().skip(1).take(2));
    let places: Vec<RepoPath> = around.filter(is_place).collect();
    let places: Folders = places.iter().collect();
    let known: Folders = entries.iter().map(|entry| &entry.path).collect();
    let mut files = manifests.files.iter();
    files.any(|file| file.mentions_kustomization && places.cover(&file.path) && !known.cover(&file.path))
}

/// The entries to evaluate: those that the caller names, or else all of the repository.
///
/// # Errors
/// As [`discover`]; [`ScanError::EntryMissing`] if a named one is not a folder.
pub fn entries(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Vec<Entry>, ScanError> {
    let entries = jobs::with_jobs(options.jobs, || match options.clusters.as_slice() {
        [] => discover(tree, options),
        clusters => entries_at(tree, options, clusters),
    })?;
    let mut entries = entries?;
    if let Some(root) = &options.root {
        for entry in entries.iter_mut().filter(|entry| entry.path.starts_with(root)) {
            entry.root.clone_from(root);
        }
    }
    Ok(entries)
}

/// The entries that a caller names, with the facts of bootstrapping about them.
///
/// # Errors
/// [`ScanError::EntryMissing`] if one is not a folder.
fn entries_at(
    tree: &Arc<dyn SourceTree>,
    options: &ScanOptions,
    clusters: &[ClusterArg],
) -> Result<Vec<Entry>, ScanError> {
    let clusters = &by_name(tree, options, clusters)[..];
    let paths = |cluster: &ClusterArg| std::iter::once(cluster.path.clone()).chain(cluster.joined.clone());
    let is_missing = |path: &RepoPath| tree.kind(path) != Some(PathKind::Directory);
    if let Some(path) = clusters.iter().flat_map(paths).find(is_missing) {
        return Err(ScanError::EntryMissing { path });
    }
    let manifests = Manifests::read(tree, options)?;
    let known = bootstrapped(&manifests);
    let survey: OnceCell<Survey> = OnceCell::new();
    let mut entries = Vec::new();
    for cluster in clusters {
        let found = known.iter().find(|entry| entry.path == cluster.path);
        let mut entry = found.cloned().unwrap_or_else(|| {
            let search = Search {
                manifests: &manifests,
                survey: survey.get_or_init(|| Survey::new(&manifests, true)),
            };
            with_known_sources(&known, search.entry_at(&cluster.path))
        });
        entry.joined.clone_from(&cluster.joined);
        entry.uncommitted = uncommitted::find(tree, &options.limits, &entry);
        entries.push(entry);
    }
    let mut entries = with_names(entries);
    for (entry, cluster) in entries.iter_mut().zip(clusters) {
        if let Some(name) = &cluster.name {
            name.clone_into(&mut entry.name);
        }
    }
    Ok(entries)
}

/// Replaces names of clusters, as a scan prints them, by their folders. An existing folder of that name has precedence.
fn by_name(tree: &Arc<dyn SourceTree>, options: &ScanOptions, clusters: &[ClusterArg]) -> Vec<ClusterArg> {
    let is_name = |cluster: &ClusterArg| cluster.name.is_none() && tree.kind(&cluster.path).is_none();
    let found = match clusters.iter().any(is_name) {
        true => discover(tree, options).unwrap_or_default(),
        false => Vec::new(),
    };
    let meant = |cluster: &ClusterArg| {
        let mut found = found.iter().filter(|_| is_name(cluster));
        let entry = found.find(|entry| entry.name == cluster.path.as_str())?;
        Some(ClusterArg {
            name: Some(entry.name.clone()),
            path: entry.path.clone(),
            joined: entry.joined.clone(),
        })
    };
    clusters
        .iter()
        .map(|cluster| meant(cluster).unwrap_or_else(|| cluster.clone()))
        .collect()
}

/// Adds to an entry the sources that are this repository for others, and their root.
fn with_known_sources(known: &[Entry], mut entry: Entry) -> Entry {
    for other in known {
        if entry.path.starts_with(&other.root) && other.root.starts_with(&entry.root) {
            entry.root = other.root.clone();
        }
        entry.add_sources(&other.sync);
    }
    entry
}

fn bootstrapped(manifests: &Manifests) -> Vec<Entry> {
    let survey: OnceCell<Survey> = OnceCell::new();
    let search = || Search {
        manifests,
        survey: survey.get_or_init(|| Survey::new(manifests, false)),
    };
    let mut entries = instances::find(manifests, &|file| search().artifact_around(file));
    entries.retain(|(file, _)| !search().is_switched_off(file));
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    let of_instances = entries.iter().filter(|entry| entry.instance.is_some());
    let of_instances: Folders = of_instances.map(|entry| &entry.path).collect();
    for (file, entry) in bootstrap_file::find(manifests) {
        // A file in a folder that an instance reconciles is left over from another way of bootstrapping.
        if of_instances.cover(&file) {
            continue;
        }
        // An empty file says neither which folder around it Flux reconciles nor where paths start.
        let is_empty = entry.sync.is_empty() && entry.root.is_root();
        let is_built = |folder: &RepoPath| manifests.build(folder).is_some_and(|objects| !objects.is_empty());
        let path = match file.parent() {
            Some(inner) if is_empty && !is_built(&entry.path) && is_built(&inner) => inner,
            _ => entry.path.clone(),
        };
        let root = match is_empty {
            true => search().entry_at(&path).root,
            false => entry.root.clone(),
        };
        entries.push(Entry { path, root, ..entry });
    }
    // A path below another entry, and relative to a guessed folder, is outdated.
    let tops = entries.iter().filter(|entry| entry.root.is_root());
    let tops: Folders = tops.map(|entry| &entry.path).collect();
    entries.retain(|entry| {
        let around = entry.path.parent().filter(|_| !entry.root.is_root());
        !around.is_some_and(|around| tops.cover(&around))
    });
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn with_names(mut entries: Vec<Entry>) -> Vec<Entry> {
    // Names of files count only if they are unique.
    let mut seen = HashSet::new();
    let mut file_names = entries.iter().filter_map(|entry| entry.called.as_deref());
    let are_unique = file_names.all(|name| seen.insert(name));
    let path = |entry: &Entry| {
        let name = entry.called.as_deref().filter(|_| are_unique);
        name.map_or_else(|| entry.path.clone(), RepoPath::new)
    };
    let paths: Vec<RepoPath> = entries.iter().map(path).collect();
    let names = names(&paths.iter().collect::<Vec<_>>());
    // The folders of an assumed cluster are named after their common environment.
    let environment = |entry: &Entry| {
        let is_joined = !entry.joined.is_empty() && entry.called.is_none();
        let is_assumed = is_joined || entry.kind() == EntryKind::KustomizationRoot;
        environments::common(entry.folders().filter(|_| is_assumed))
    };
    let environments: Vec<Option<String>> = entries.iter().map(environment).collect();
    let environments = environments::unique_starts(&environments);
    for ((entry, name), environment) in entries.iter_mut().zip(names).zip(environments) {
        entry.name = match environment {
            Some(environment) => environment.replace('/', "-"),
            None if !entry.joined.is_empty() && entry.called.is_none() => "kustomizations".to_owned(),
            None => name,
        };
    }
    entries
}

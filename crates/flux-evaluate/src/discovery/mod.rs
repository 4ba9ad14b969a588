//! A repository turns into its cluster entries: the folders that Flux reconciles first.
//!
//! The rule, in order:
//!
//! 1. Files of bootstrapping name entries: a FluxInstance or a HelmRelease of the chart `flux-instance` with `sync.path`,
//!    and `gotk-sync.yaml` files ([`instances`], [`bootstrap_file`]).
//! 2. A folder that holds a Kustomization which points at that folder is an entry ([`candidates`], [`choosing`]).
//! 3. Else every folder whose build holds Kustomizations with a `sourceRef` is a candidate. It goes when a kustomization
//!    file lists it, when a Kustomization elsewhere points at it or at a folder around it, and when none of its sources
//!    is stated while another candidate's is. Beside entries of 1 and 2, only folders that stand as they do count.
//! 4. Where no Kustomization builds anything of this repository, something outside of it does: folders with a
//!    kustomization file that nothing lists are entries, or those that a Flux configuration of Azure names
//!    ([`flux_configurations`]), those of one environment together ([`kustomization_roots`], [`EntryKind::KustomizationRoot`]).
//!
//! 5. Where there is no such file either, folders that hold other Flux objects are entries ([`flux_folders`]).
//!
//! A folder with a file for each cluster is none itself: what each file points at is one ([`root_files`]).
//! Folders whose names tell that they are not in use count only where there is nothing else ([`left_over`]).

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
use std::sync::Arc;

use source_tree::{EntryKind as PathKind, RepoPath, SourceTree};

use crate::{ClusterArg, ScanError, ScanOptions, jobs};

use candidates::{CLUSTER_FOLDERS, Search};
use folders::Folders;
use manifests::Manifests;
use survey::Survey;

pub(crate) use entry::SyncSource;
pub use entry::{Entry, EntryKind};
pub(crate) use instances::{chart_name, instance_of_release};
pub use left_over::is_left_over;
use names::names;

/// The cluster entries of a repository, sorted by path, with names that tell them apart. Those that the options name are none of its
/// concern.
///
/// # Errors
/// [`ScanError::NoEntry`] where there is none, [`ScanError::Unreadable`] where the repository cannot be read.
pub fn discover(tree: &Arc<dyn SourceTree>, options: &ScanOptions) -> Result<Vec<Entry>, ScanError> {
    let manifests = Manifests::read(tree, options)?;
    let is_filled = |entry: &Entry| !left_over::has_template_marks(entry.path.as_str());
    let mut entries = bootstrapped(&manifests);
    entries.retain(is_filled);
    let (mut in_use, left_over): (Vec<Entry>, Vec<Entry>) = entries
        .drain(..)
        .partition(|entry| !manifests.is_left_over(&entry.path));
    let is_searched = in_use.is_empty() || has_alike(&manifests, &in_use);
    if is_searched || twins::may_be(&manifests, &in_use) {
        let manifests = manifests.in_artifact(tree);
        let mut found = search(&manifests, false, &in_use);
        // Where no folder tells that clusters stand there, only those right beside count.
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
        // Releases that lie about where another program applies the rest are left over.
        if in_use.is_empty()
            && (manifests.mention_kustomizations() || manifests.applied_by_another().is_none())
        {
            in_use = flux_folders::find(&manifests);
        }
        // Overlays beside Applications of Argo CD are that one's.
        if !manifests.mention_flux() && manifests.applied_by_another().is_some() {
            in_use.retain(|entry| entry.kind == EntryKind::Flux);
        }
        in_use.retain(is_filled);
        if in_use.is_empty() {
            let survey = Survey::new(&manifests, true);
            let search = Search {
                manifests: &manifests,
                survey: &survey,
                with_left_overs: true,
            };
            return Err(ScanError::NoEntry {
                folders: search.suggestions(),
                instead: manifests.applied_by_another(),
                templates: templates::find(&manifests),
            });
        }
    }
    in_use.sort_by(|a, b| a.path.cmp(&b.path));
    for entry in &mut in_use {
        entry.uncommitted = uncommitted::find(tree, &options.limits, entry);
    }
    Ok(named(in_use))
}

fn search(manifests: &Manifests, with_left_overs: bool, bootstrapped: &[Entry]) -> Vec<Entry> {
    let survey = Survey::new(manifests, with_left_overs);
    let search = Search {
        manifests,
        survey: &survey,
        with_left_overs,
    };
    search.entries(bootstrapped)
}

/// Whether Kustomizations stand in folders beside the entries, where clusters stand.
fn has_alike(manifests: &Manifests, entries: &[Entry]) -> bool {
    let places: Vec<RepoPath> = entries
        .iter()
        .flat_map(|entry| entry.path.ancestors().skip(1).take(2))
        .filter(|place| {
            place
                .file_name()
                .is_some_and(|name| CLUSTER_FOLDERS.contains(&name))
        })
        .collect();
    let places: Folders = places.iter().collect();
    let known: Folders = entries.iter().map(|entry| &entry.path).collect();
    let mut files = manifests.files.iter();
    files.any(|file| file.mentions_kustomization && places.cover(&file.path) && !known.cover(&file.path))
}

/// The entries to evaluate: those that the caller names, else every one that is found.
///
/// # Errors
/// As [`discover`]; [`ScanError::EntryMissing`] where a named one is no folder.
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

/// The entries that a caller names, with what bootstrapping says of them.
///
/// # Errors
/// [`ScanError::EntryMissing`] where one is no folder.
fn entries_at(
    tree: &Arc<dyn SourceTree>,
    options: &ScanOptions,
    clusters: &[ClusterArg],
) -> Result<Vec<Entry>, ScanError> {
    let clusters = &by_name(tree, options, clusters)[..];
    for path in clusters
        .iter()
        .flat_map(|cluster| [&cluster.path].into_iter().chain(&cluster.joined))
    {
        if tree.kind(path) != Some(PathKind::Directory) {
            return Err(ScanError::EntryMissing { path: path.clone() });
        }
    }
    let manifests = Manifests::read(tree, options)?;
    let known = bootstrapped(&manifests);
    let is_known = |path: &RepoPath| known.iter().any(|entry| entry.path == *path);
    let survey =
        (!clusters.iter().all(|cluster| is_known(&cluster.path))).then(|| Survey::new(&manifests, true));
    let mut entries = Vec::new();
    for cluster in clusters {
        let found = known.iter().find(|entry| entry.path == cluster.path);
        let mut entry = match (found, &survey) {
            (Some(entry), _) => entry.clone(),
            (None, Some(survey)) => {
                let search = Search {
                    manifests: &manifests,
                    survey,
                    with_left_overs: true,
                };
                beside(&known, search.entry_at(&cluster.path))
            }
            (None, None) => beside(&known, Entry::bare(cluster.path.clone())),
        };
        entry.joined.clone_from(&cluster.joined);
        entry.uncommitted = uncommitted::find(tree, &options.limits, &entry);
        entries.push(entry);
    }
    let mut entries = named(entries);
    for (entry, cluster) in entries.iter_mut().zip(clusters) {
        if let Some(name) = &cluster.name {
            name.clone_into(&mut entry.name);
        }
    }
    Ok(entries)
}

/// The same with the folder of a cluster that is found where its name is given, as a scan prints it, and no folder is called so.
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

/// An entry that nothing points at, in a repository with others: what is this repository for them is so for it too.
fn beside(known: &[Entry], mut entry: Entry) -> Entry {
    for other in known {
        if entry.path.starts_with(&other.root) && other.root.starts_with(&entry.root) {
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

fn bootstrapped(manifests: &Manifests) -> Vec<Entry> {
    let survey: OnceCell<Survey> = OnceCell::new();
    let search = || Search {
        manifests,
        survey: survey.get_or_init(|| Survey::new(manifests, false)),
        with_left_overs: false,
    };
    let mut entries = instances::find(manifests, &|file| search().artifact_around(file));
    entries.retain(|(file, _)| !search().is_switched_off(file));
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    let of_instances = entries.iter().filter(|entry| entry.instance.is_some());
    let of_instances: Folders = of_instances.map(|entry| &entry.path).collect();
    for (file, entry) in bootstrap_file::find(manifests) {
        // A file in what an instance reconciles is left over from another way of bootstrapping.
        if of_instances.cover(&file) {
            continue;
        }
        // An empty file does not tell where the paths of the repository begin.
        let root = match entry.sync.is_empty() && entry.root.is_root() {
            true => search().entry_at(&entry.path).root,
            false => entry.root.clone(),
        };
        entries.push(Entry { root, ..entry });
    }
    // A path that leads below another entry, and from a folder that had to be guessed, is of another time.
    let tops = entries.iter().filter(|entry| entry.root.is_root());
    let tops: Folders = tops.map(|entry| &entry.path).collect();
    entries.retain(|entry| {
        let around = entry.path.parent().filter(|_| !entry.root.is_root());
        !around.is_some_and(|around| tops.cover(&around))
    });
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn named(mut entries: Vec<Entry>) -> Vec<Entry> {
    // Files of several folders may have one name.
    let mut called: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.called.as_deref())
        .collect();
    called.sort_unstable();
    let entries_apart = called.windows(2).all(|pair| matches!(pair, [a, b] if a != b));
    let called = |entry: &Entry| {
        let name = entry.called.as_deref().filter(|_| entries_apart);
        name.map_or_else(|| entry.path.clone(), RepoPath::new)
    };
    let paths: Vec<RepoPath> = entries.iter().map(called).collect();
    let names = names(&paths.iter().collect::<Vec<_>>());
    // Folders that are taken for one cluster have their environment in common.
    let environment = |entry: &Entry| {
        let is_joined = !entry.joined.is_empty() && entry.called.is_none();
        let is_taken = is_joined || entry.kind == EntryKind::KustomizationRoot;
        environments::common(entry.folders().filter(|_| is_taken))
    };
    let environments: Vec<Option<String>> = entries.iter().map(environment).collect();
    let apart = environments::apart(&environments);
    for ((entry, name), environment) in entries.iter_mut().zip(names).zip(apart) {
        entry.name = match environment {
            Some(environment) => environment.replace('/', "-"),
            None if !entry.joined.is_empty() && entry.called.is_none() => "kustomizations".to_owned(),
            None => name,
        };
    }
    entries
}

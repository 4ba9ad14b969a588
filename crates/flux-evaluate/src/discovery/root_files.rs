//! Folders with a file for each cluster, such as `bootstrap/prod.yaml` and `bootstrap/dev.yaml`, which somebody applies to that
//! cluster.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use source_tree::{ObjectRef, RepoPath};

use super::survey::{KustomizationManifest, SourceManifest, Survey};
use super::{Entry, SyncSource};
use crate::KustomizationId;

/// The clusters of a folder: its files define a Kustomization or source differently that no cluster can have twice. The path of
/// each is the folder that its file points at. Empty if all files may be for one cluster.
pub(super) fn find(survey: &Survey, folder: &RepoPath) -> Vec<Entry> {
    if survey.has_kustomization_file(folder) {
        return Vec::new();
    }
    let mut by_file: BTreeMap<&RepoPath, Vec<&KustomizationManifest>> = BTreeMap::new();
    let stated = survey.stated_in(folder);
    for stated in stated.filter(|stated| stated.view.source.is_some()) {
        by_file.entry(&stated.file).or_default().push(stated);
    }
    let sources: Vec<&SourceManifest> = survey.sources_in(folder).collect();
    let cluster_files = cluster_files(&sources, &by_file);
    if cluster_files.len() < 2 {
        return Vec::new();
    }
    // Other files of the folder, such as one source for all, are applied to each cluster.
    let common: BTreeSet<&RepoPath> = sources
        .iter()
        .map(|source| &source.file)
        .chain(by_file.keys().copied())
        .filter(|file| !cluster_files.contains(file))
        .collect();
    let entries = cluster_files
        .iter()
        .map(|file| entry(survey, folder, file, by_file.get(file)?, (&sources, &common)));
    entries.collect::<Option<Vec<Entry>>>().unwrap_or_default()
}

/// The files that define an object which another of them defines differently.
fn cluster_files<'s>(
    sources: &[&'s SourceManifest],
    by_file: &BTreeMap<&'s RepoPath, Vec<&'s KustomizationManifest>>,
) -> BTreeSet<&'s RepoPath> {
    let mut found = BTreeSet::new();
    let mut kustomizations: HashMap<&KustomizationId, &KustomizationManifest> = HashMap::default();
    for stated in by_file.values().flatten() {
        let first = *kustomizations.entry(&stated.view.id).or_insert(stated);
        if first.file != stated.file && !first.view.has_same_build(&stated.view) {
            found.extend([&first.file, &stated.file]);
        }
    }
    let mut by_id: BTreeMap<&ObjectRef, Vec<&SourceManifest>> = BTreeMap::new();
    for source in sources.iter().filter(|source| by_file.contains_key(&source.file)) {
        by_id.entry(&source.id).or_default().push(source);
    }
    for statements in by_id.into_values() {
        let files: BTreeSet<&RepoPath> = statements.iter().map(|source| &source.file).collect();
        let view = |source: &&'s SourceManifest| (&source.view.url, &source.view.reference);
        let mut pairs = statements.windows(2);
        if files.len() > 1 && pairs.any(|pair| matches!(pair, [a, b] if view(a) != view(b))) {
            found.extend(files);
        }
    }
    found
}

/// The cluster to which a file is applied.
fn entry(
    survey: &Survey,
    folder: &RepoPath,
    file: &RepoPath,
    stated: &[&KustomizationManifest],
    (sources, common): (&[&SourceManifest], &BTreeSet<&RepoPath>),
) -> Option<Entry> {
    let targets = stated.iter();
    let mut targets = targets.filter_map(|stated| survey.resolve(file, &stated.view.path));
    let (root, path) = targets.next()?;
    if path.is_root() || path == *folder {
        return None;
    }
    let joined = targets.map(|(_, target)| target);
    let mut joined: Vec<RepoPath> = joined.filter(|target| *target != path).collect();
    joined.dedup();
    let named = stated.iter().find_map(|stated| stated.view.source.as_ref())?;
    let is_applied = |source: &RepoPath| source == file || common.contains(source);
    let source = sources
        .iter()
        .filter(|source| source.id == named.id && is_applied(&source.file))
        .min_by_key(|source| source.file != *file);
    let stem = file.file_name()?.split('.').next()?;
    Some(Entry {
        root,
        joined,
        bootstrap_files: [file].iter().chain(common).copied().cloned().collect(),
        sync: vec![SyncSource {
            id: named.id.clone(),
            source: source.map(|source| source.view.clone()).unwrap_or_default(),
        }],
        called: Some(stem.to_owned()),
        ..Entry::bare(path)
    })
}

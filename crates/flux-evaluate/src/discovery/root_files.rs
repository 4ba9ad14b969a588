//! Folders with a file for each cluster, such as `bootstrap/prod.yaml` and `bootstrap/dev.yaml`: somebody applies each of them
//! to its cluster.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use source_tree::{ObjectRef, RepoPath};

use super::survey::{Stated, StatedSource, Survey};
use super::{Entry, SyncSource};

/// The clusters of a folder whose files state one Kustomization otherwise, or one source with another URL or revision, which no
/// cluster can have twice, with what the file of each points at; none where it may be one cluster.
pub(super) fn find(survey: &Survey, folder: &RepoPath) -> Vec<Entry> {
    if survey.has_kustomization_file(folder) {
        return Vec::new();
    }
    let mut by_file: BTreeMap<&RepoPath, Vec<&Stated>> = BTreeMap::new();
    for stated in survey
        .stated_in(folder)
        .filter(|stated| stated.view.source.is_some())
    {
        by_file.entry(&stated.file).or_default().push(stated);
    }
    let sources: Vec<&StatedSource> = survey.sources_in(folder).collect();
    let of_one_cluster = of_one_cluster(&sources, &by_file);
    if of_one_cluster.len() < 2 {
        return Vec::new();
    }
    // What stands beside the files, such as one source for all, is applied to each cluster.
    let common: BTreeSet<&RepoPath> = sources
        .iter()
        .map(|source| &source.file)
        .chain(by_file.keys().copied())
        .filter(|file| !of_one_cluster.contains(file))
        .collect();
    let entries: Vec<Entry> = of_one_cluster
        .iter()
        .filter_map(|file| entry(survey, folder, file, by_file.get(file)?, (&sources, &common)))
        .collect();
    match entries.len() == of_one_cluster.len() {
        true => entries,
        false => Vec::new(),
    }
}

/// The files that state what another of them states otherwise.
fn of_one_cluster<'s>(
    sources: &[&'s StatedSource],
    by_file: &BTreeMap<&'s RepoPath, Vec<&'s Stated>>,
) -> BTreeSet<&'s RepoPath> {
    let mut found = BTreeSet::new();
    let mut kustomizations: HashMap<(&str, &str), &Stated> = HashMap::default();
    for stated in by_file.values().flatten() {
        let id = (stated.view.id.namespace.as_str(), stated.view.id.name.as_str());
        let first = *kustomizations.entry(id).or_insert(stated);
        if first.file != stated.file && !first.view.builds_the_same(&stated.view) {
            found.extend([&first.file, &stated.file]);
        }
    }
    let mut by_id: BTreeMap<&ObjectRef, Vec<&StatedSource>> = BTreeMap::new();
    for source in sources.iter().filter(|source| by_file.contains_key(&source.file)) {
        by_id.entry(&source.id).or_default().push(source);
    }
    for statements in by_id.into_values() {
        let files: BTreeSet<&RepoPath> = statements.iter().map(|source| &source.file).collect();
        let (first, others) = match statements.split_first() {
            Some((first, others)) if files.len() > 1 => (first, others),
            _ => continue,
        };
        let is_other = |other: &&&StatedSource| {
            other.view.url != first.view.url || other.view.reference != first.view.reference
        };
        if others.iter().any(|other| is_other(&other)) {
            found.extend(files);
        }
    }
    found
}

/// The cluster that a file is applied to.
fn entry(
    survey: &Survey,
    folder: &RepoPath,
    file: &RepoPath,
    stated: &[&Stated],
    (sources, common): (&[&StatedSource], &BTreeSet<&RepoPath>),
) -> Option<Entry> {
    let mut targets = stated
        .iter()
        .filter_map(|stated| survey.resolve(file, &stated.view.path));
    let (root, path) = targets
        .next()
        .filter(|(_, path)| !path.is_root() && path != folder)?;
    let mut joined: Vec<RepoPath> = targets
        .map(|(_, target)| target)
        .filter(|target| *target != path)
        .collect();
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
        bootstrap_files: std::iter::once(file)
            .chain(common.iter().copied())
            .cloned()
            .collect(),
        sync: vec![SyncSource {
            id: named.id.clone(),
            source: source.map(|source| source.view.clone()).unwrap_or_default(),
        }],
        called: Some(stem.to_owned()),
        ..Entry::bare(path)
    })
}

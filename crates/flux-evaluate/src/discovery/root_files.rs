//! Folders with a file for each cluster, such as `bootstrap/prod.yaml` and `bootstrap/dev.yaml`: somebody applies each of them
//! to its cluster.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use source_tree::RepoPath;

use super::survey::{Stated, Survey};
use super::{Entry, SyncSource};

/// The clusters of a folder whose files state one Kustomization several times, or one source otherwise, which no cluster can
/// have twice, with what the file of each points at; none where it may be one cluster.
pub(super) fn find(survey: &Survey, folder: &RepoPath) -> Vec<Entry> {
    if survey.has_kustomization_file(folder) {
        return Vec::new();
    }
    let lies_here = |file: &RepoPath| file.parent().as_ref() == Some(folder);
    let mut by_file: BTreeMap<&RepoPath, Vec<&Stated>> = BTreeMap::new();
    for stated in survey.stated.iter().filter(|stated| stated.view.source.is_some()) {
        if lies_here(&stated.file) {
            by_file.entry(&stated.file).or_default().push(stated);
        }
    }
    let of_one_cluster = of_one_cluster(survey, &by_file);
    if of_one_cluster.len() < 2 {
        return Vec::new();
    }
    // What stands beside the files, such as one source for all, is applied to each cluster.
    let sources = survey.sources.iter().map(|source| &source.file);
    let common: BTreeSet<&RepoPath> = sources
        .filter(|file| lies_here(file))
        .chain(by_file.keys().copied())
        .filter(|file| !of_one_cluster.contains(file))
        .collect();
    let entries: Vec<Entry> = of_one_cluster
        .iter()
        .filter_map(|file| entry(survey, folder, file, by_file.get(file)?, &common))
        .collect();
    let paths: HashSet<&RepoPath> = entries.iter().map(|entry| &entry.path).collect();
    match paths.len() == entries.len() && entries.len() == of_one_cluster.len() {
        true => entries,
        false => Vec::new(),
    }
}

/// The files that state what another of them states too.
fn of_one_cluster<'s>(
    survey: &'s Survey,
    by_file: &BTreeMap<&'s RepoPath, Vec<&Stated>>,
) -> BTreeSet<&'s RepoPath> {
    let mut found = BTreeSet::new();
    let mut kustomizations: HashMap<(&str, &str), &RepoPath> = HashMap::default();
    for (file, stated) in by_file
        .iter()
        .flat_map(|(file, all)| all.iter().map(move |one| (*file, one)))
    {
        let id = (stated.view.id.namespace.as_str(), stated.view.id.name.as_str());
        let first = *kustomizations.entry(id).or_insert(file);
        if first != file {
            found.extend([first, file]);
        }
    }
    let sources: Vec<_> = survey
        .sources
        .iter()
        .filter(|source| by_file.contains_key(&source.file))
        .collect();
    for (position, source) in sources.iter().enumerate() {
        let others = sources.iter().take(position);
        for other in others.filter(|other| other.id == source.id && other.file != source.file) {
            if other.view != source.view {
                found.extend([&other.file, &source.file]);
            }
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
    common: &BTreeSet<&RepoPath>,
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
    let source = survey
        .sources
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

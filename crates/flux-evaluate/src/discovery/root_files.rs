//! Folders with a file for each cluster, such as `bootstrap/prod.yaml` and `bootstrap/dev.yaml`: somebody applies each of them
//! to its cluster.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use source_tree::{ObjectRef, RepoPath};

use super::survey::{Stated, Survey};
use super::{Entry, SyncSource};

/// The clusters of a folder whose files state one Kustomization or source several times, which no cluster can have twice, with
/// what the file of each points at; none where it may be one cluster.
pub(super) fn find(survey: &Survey, folder: &RepoPath) -> Vec<Entry> {
    if survey.has_kustomization_file(folder) {
        return Vec::new();
    }
    let mut by_file: BTreeMap<&RepoPath, Vec<&Stated>> = BTreeMap::new();
    for stated in survey.stated.iter().filter(|stated| stated.view.source.is_some()) {
        if stated.file.parent().as_ref() == Some(folder) {
            by_file.entry(&stated.file).or_default().push(stated);
        }
    }
    if by_file.len() < 2 || !repeats(survey, &by_file) {
        return Vec::new();
    }
    let entries: Vec<Entry> = by_file
        .iter()
        .filter_map(|(file, stated)| entry(survey, folder, file, stated))
        .collect();
    let paths: HashSet<&RepoPath> = entries.iter().map(|entry| &entry.path).collect();
    match paths.len() == entries.len() && entries.len() == by_file.len() {
        true => entries,
        false => Vec::new(),
    }
}

/// Whether files that lie beside each other state the same object.
fn repeats(survey: &Survey, by_file: &BTreeMap<&RepoPath, Vec<&Stated>>) -> bool {
    let kustomizations = by_file.iter().flat_map(|(file, stated)| {
        stated.iter().map(move |stated| {
            let id = &stated.view.id;
            (*file, ObjectRef::new("Kustomization", &id.namespace, &id.name))
        })
    });
    let sources = survey
        .sources
        .iter()
        .filter(|source| by_file.contains_key(&source.file));
    let sources = sources.map(|source| (&source.file, source.id.clone()));
    let mut files: HashMap<ObjectRef, &RepoPath> = HashMap::default();
    let mut objects = kustomizations.chain(sources);
    objects.any(|(file, id)| files.insert(id, file).is_some_and(|known| known != file))
}

/// The cluster that a file is applied to.
fn entry(survey: &Survey, folder: &RepoPath, file: &RepoPath, stated: &[&Stated]) -> Option<Entry> {
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
    let named = stated
        .iter()
        .filter_map(|stated| stated.view.source.as_ref())
        .map(|source| &source.id)
        .next()?;
    // What stands beside the files, such as one source for all, is applied to each cluster.
    let beside = survey
        .sources
        .iter()
        .filter(|source| source.file.parent().as_ref() == Some(folder));
    let beside: Vec<_> = beside.filter(|source| source.id == *named).collect();
    let own = beside.iter().find(|source| source.file == *file);
    let source = own.or(beside.iter().find(|source| !is_of_another(survey, &source.file)));
    let mut bootstrap_files = vec![file.clone()];
    bootstrap_files.extend(
        source
            .map(|source| source.file.clone())
            .filter(|other| other != file),
    );
    Some(Entry {
        root,
        joined,
        bootstrap_files,
        sync: vec![SyncSource {
            id: named.clone(),
            source: source.map(|source| source.view.clone()).unwrap_or_default(),
        }],
        ..Entry::bare(path)
    })
}

/// Whether a file states Kustomizations, and so is of one cluster alone.
fn is_of_another(survey: &Survey, file: &RepoPath) -> bool {
    survey.stated.iter().any(|stated| stated.file == *file)
}

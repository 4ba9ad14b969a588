//! The share of a repository's manifests that clusters apply.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, is_left_over};
use kustomize_build::Sources;
use source_tree::{EntryKind, RepoPath};

/// Number of manifests of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files from which a cluster applies something, or that a kustomization file which takes part in a build names.
    pub applied: usize,
    /// All files that hold objects of Kubernetes, but for kustomization files and what is put away.
    pub manifests: usize,
    /// How many of the others lie in each folder.
    pub not_applied: BTreeMap<RepoPath, usize>,
}

/// Counts the manifests of the tree that Flux sees, and those that any of the evaluations applies.
pub fn coverage(evaluations: &[&Evaluation], sources: &Sources) -> Coverage {
    let mut applied = BTreeSet::new();
    for evaluation in evaluations {
        let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
        applied.extend(objects.filter_map(|object| evaluation.files.path(object.mark.file)));
    }
    let built: BTreeSet<&RepoPath> = evaluations
        .iter()
        .flat_map(|evaluation| evaluation.evaluated())
        .filter(|evaluated| !evaluated.external && !evaluated.objects.is_empty())
        .map(|evaluated| &evaluated.path)
        .collect();
    let mut files = Vec::new();
    let mut by_folder = BTreeMap::new();
    let around: BTreeSet<RepoPath> = applied.iter().flat_map(RepoPath::ancestors).collect();
    collect(sources, &RepoPath::root(), &around, &mut files, &mut by_folder);
    let named = named_by_builds(&built, &applied, &by_folder);
    let mut coverage = Coverage::default();
    for file in files {
        let is_applied = applied.contains(&file);
        if is_applied || is_manifest(sources, &file) {
            coverage.manifests += 1;
            // What a kustomization file names beside resources is a patch, or the file of a generator.
            if is_applied || named.contains(&file) {
                coverage.applied += 1;
            } else {
                *coverage
                    .not_applied
                    .entry(file.parent().unwrap_or_default())
                    .or_default() += 1;
            }
        }
    }
    coverage
}

/// What the kustomization files name that take part in a build: those of folders that are built, those of which a file is applied,
/// and those that they name in turn.
fn named_by_builds<'n>(
    built: &BTreeSet<&RepoPath>,
    applied: &BTreeSet<RepoPath>,
    by_folder: &'n BTreeMap<RepoPath, Vec<RepoPath>>,
) -> BTreeSet<&'n RepoPath> {
    let takes_part = |(folder, names): &(&'n RepoPath, &Vec<RepoPath>)| {
        built.contains(folder) || names.iter().any(|file| applied.contains(file))
    };
    let mut queue: Vec<&RepoPath> = by_folder
        .iter()
        .filter(takes_part)
        .map(|(folder, _)| folder)
        .collect();
    let mut seen = BTreeSet::new();
    let mut named = BTreeSet::new();
    while let Some(folder) = queue.pop() {
        if !seen.insert(folder) {
            continue;
        }
        for path in by_folder.get(folder).into_iter().flatten() {
            match by_folder.get_key_value(path) {
                Some((folder, _)) => queue.push(folder),
                None => {
                    named.insert(path);
                }
            }
        }
    }
    named
}

/// Files that may be manifests, and those that the kustomization file of each folder names. `applied` are files of which something is
/// applied and the folders around them, which are in use whatever their names tell.
fn collect(
    sources: &Sources,
    folder: &RepoPath,
    applied: &BTreeSet<RepoPath>,
    files: &mut Vec<RepoPath>,
    named: &mut BTreeMap<RepoPath, Vec<RepoPath>>,
) {
    let Ok(entries) = sources.tree().list(folder) else {
        return;
    };
    for (name, kind) in entries {
        let path = folder.join(&name);
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        match kind {
            _ if is_left_over(&RepoPath::new(&name)) && !applied.contains(&path) => {}
            EntryKind::Directory => collect(sources, &path, applied, files, named),
            EntryKind::File
                if matches!(
                    &*name,
                    "kustomization.yaml" | "kustomization.yml" | "Kustomization"
                ) =>
            {
                let text = sources.text_once(&path);
                let lines = text.as_deref().unwrap_or_default().lines();
                // What a comment names is left out.
                let stated = lines.map(|line| line.split(" #").next().unwrap_or(line));
                let stated = stated.filter(|line| !line.trim_start().starts_with('#'));
                let words = stated.flat_map(|line| line.split([' ', '\r', '"', '\'', '[', ']', ',', '=']));
                let is_path = |word: &&str| word.contains('/') || word.contains('.') || !word.ends_with(':');
                let paths = words
                    .filter(|word| !word.is_empty() && *word != "-" && is_path(word))
                    .map(|path| folder.join(path.trim_end_matches('/')));
                named.entry(folder.clone()).or_default().extend(paths);
            }
            EntryKind::File if is_yaml => files.push(path),
            EntryKind::File => {}
        }
    }
}

fn is_manifest(sources: &Sources, path: &RepoPath) -> bool {
    sources
        .text_once(path)
        .is_ok_and(|text| ["apiVersion:", "kind:"].iter().all(|field| text.contains(field)))
}

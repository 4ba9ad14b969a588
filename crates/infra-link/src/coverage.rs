//! The share of a repository's manifests that clusters apply.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, is_left_over};
use kustomize_build::Sources;
use source_tree::{EntryKind, RepoPath};

/// Number of manifests of a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files from which a cluster applies something, or that a kustomization file which takes part in a build names.
    pub applied: usize,
    /// All files that hold objects of Kubernetes, but for kustomization files and what is put away.
    pub manifests: usize,
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
    collect(sources, &RepoPath::root(), &mut files, &mut by_folder);
    let mut named = BTreeSet::new();
    for (folder, names) in by_folder {
        // Only a kustomization file that takes part in a build has what it names applied.
        let mut around = folder.ancestors();
        if around.any(|folder| built.contains(&folder)) || names.iter().any(|file| applied.contains(file)) {
            named.extend(names);
        }
    }
    let mut coverage = Coverage::default();
    for file in files {
        let is_applied = applied.contains(&file);
        if is_applied || is_manifest(sources, &file) {
            coverage.manifests += 1;
            // What a kustomization file names beside resources is a patch, or the file of a generator.
            coverage.applied += usize::from(is_applied || named.contains(&file));
        }
    }
    coverage
}

/// Files that may be manifests, and those that the kustomization file of each folder names.
fn collect(
    sources: &Sources,
    folder: &RepoPath,
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
            _ if is_left_over(&RepoPath::new(&name)) => {}
            EntryKind::Directory => collect(sources, &path, files, named),
            EntryKind::File
                if matches!(
                    &*name,
                    "kustomization.yaml" | "kustomization.yml" | "Kustomization"
                ) =>
            {
                let text = sources.text_once(&path);
                let words = text
                    .as_deref()
                    .unwrap_or_default()
                    .split([' ', '\n', '\r', '"', '\'', '[', ']', ',', '=']);
                let paths = words.filter(|word| word.ends_with(".yaml") || word.ends_with(".yml"));
                let paths = paths.map(|path| folder.join(path));
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

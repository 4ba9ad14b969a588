//! The share of a repository's manifests that clusters apply.

use std::collections::BTreeSet;

use flux_evaluate::{Evaluation, is_left_over};
use kustomize_build::Sources;
use source_tree::{EntryKind, RepoPath};

/// Number of manifests of a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files from which a cluster applies something, or that a kustomization file beside them names.
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
    let mut coverage = Coverage::default();
    count(sources, &RepoPath::root(), &applied, &mut coverage);
    coverage
}

fn count(sources: &Sources, folder: &RepoPath, applied: &BTreeSet<RepoPath>, coverage: &mut Coverage) {
    let Ok(entries) = sources.tree().list(folder) else {
        return;
    };
    let is_kustomization_file =
        |name: &str| matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization");
    let kustomization = entries.iter().find(|(name, _)| is_kustomization_file(name));
    let kustomization = kustomization.and_then(|(name, _)| sources.text(&folder.join(name)).ok());
    for (name, kind) in entries {
        let path = folder.join(&name);
        if is_left_over(&RepoPath::new(&name)) {
            continue;
        }
        match kind {
            EntryKind::Directory => count(sources, &path, applied, coverage),
            EntryKind::File if is_kustomization_file(&name) => {}
            EntryKind::File if name.ends_with(".yaml") || name.ends_with(".yml") => {
                // What a kustomization file names beside resources is a patch, or the file of a generator.
                let is_named = || {
                    kustomization
                        .as_ref()
                        .is_some_and(|text| text.contains(name.as_str()))
                };
                let is_applied = applied.contains(&path);
                if is_applied || is_manifest(sources, &path) {
                    coverage.manifests += 1;
                    coverage.applied += usize::from(is_applied || is_named());
                }
            }
            EntryKind::File => {}
        }
    }
}

fn is_manifest(sources: &Sources, path: &RepoPath) -> bool {
    sources
        .text(path)
        .is_ok_and(|text| ["apiVersion:", "kind:"].iter().all(|field| text.contains(field)))
}

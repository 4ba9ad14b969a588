//! The share of a repository's manifests that clusters apply.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, is_left_over};
use kustomize_build::Sources;
use source_tree::RepoPath;

use crate::repository_files::{KustomizationFile, RepositoryFiles, folders_of};

/// Number of manifests of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files from which a cluster applies something, or that a kustomization file of a build names.
    pub applied: usize,
    /// All files with Kubernetes objects, without kustomization files and leftovers.
    pub manifests: usize,
    /// The number of the others in each folder.
    pub not_applied: BTreeMap<RepoPath, usize>,
}

/// Counts the manifests of a repository, and those that any of the evaluations applies: `applied` are its files.
pub(crate) fn coverage(
    evaluations: &[&Evaluation],
    applied: &BTreeSet<RepoPath>,
    files: &RepositoryFiles,
    sources: &Sources,
) -> Coverage {
    let mut folders = Vec::new();
    for evaluation in evaluations {
        for evaluated in evaluation.evaluated() {
            if !evaluated.external && !evaluated.objects.is_empty() {
                folders.extend(folders_of(evaluation, evaluated));
            }
        }
    }
    let takes_part = |(_, file): &(_, &KustomizationFile)| file.named().any(|path| applied.contains(path));
    let taking_part = files.kustomizations.iter().filter(takes_part);
    folders.extend(taking_part.map(|(folder, _)| folder.clone()));
    let built = files.built(sources, folders);
    let mut coverage = Coverage::default();
    for file in &files.manifests {
        let is_applied = applied.contains(&file.path);
        // An applied file is in use, whatever the names of its folders.
        if !is_applied && (is_left_over(&file.path) || !file.holds_objects) {
            continue;
        }
        coverage.manifests += 1;
        // Other files that a kustomization file names are patches, or files of a generator.
        if is_applied || built.files.contains(&file.path) {
            coverage.applied += 1;
        } else {
            let folder = file.path.parent().unwrap_or_default();
            *coverage.not_applied.entry(folder).or_default() += 1;
        }
    }
    coverage
}

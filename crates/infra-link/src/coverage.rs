//! The share of a repository's manifests that clusters apply.

use std::collections::BTreeMap;

use flux_evaluate::is_left_over;
use foldhash::HashSet;
use kustomize_build::Sources;
use source_tree::RepoPath;

use crate::repository_files::{Built, KustomizationFile, RepositoryFiles};

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

/// Counts the manifests of a repository, and those that some clusters apply: `built` are their builds, `applied` their files.
pub(crate) fn coverage(
    built: &Built,
    applied: &HashSet<RepoPath>,
    files: &RepositoryFiles,
    sources: &Sources,
) -> Coverage {
    let takes_part = |(_, file): &(_, &KustomizationFile)| file.named().any(|path| applied.contains(path));
    let taking_part = files.kustomizations.iter().filter(takes_part);
    let mut built = built.clone();
    files.add_built(sources, taking_part.map(|(folder, _)| folder.clone()), &mut built);
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

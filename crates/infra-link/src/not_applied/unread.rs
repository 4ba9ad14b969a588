//! The objects in files that no build reads, and why none does.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::Evaluation;
use infra_model::NotApplied;
use kustomize_build::Sources;
use source_tree::RepoPath;

use super::kustomization_not_applied::UnappliedKustomization;
use super::{Cause, built_elsewhere, commented_out, kustomization_not_applied, unlisted};
use crate::repository_files::{Built, RepositoryFiles, folders_of};

/// Longest way from a file over the kustomization files that list each other.
const MOST_STEPS: usize = 64;

/// The objects in files that no build reads.
pub(super) fn find(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    sources: &Sources,
    applied: &BTreeSet<RepoPath>,
) -> Vec<NotApplied> {
    let unread = Unread::new(evaluations, files, sources, applied);
    let mut found = Vec::new();
    for file in &files.manifests {
        found.extend(commented_out::manifests(file));
        if applied.contains(&file.path) || unread.is_used(&file.path) || file.objects.is_empty() {
            continue;
        }
        let cause = unread.cause(&file.path);
        found.extend(file.objects.iter().map(|object| cause.entry(object, &file.path)));
    }
    found
}

/// What is known of the files that no build reads.
pub(super) struct Unread<'f> {
    pub(super) files: &'f RepositoryFiles,
    pub(super) built: Built,
    /// The kustomization file of a folder that lists a path, where that takes part in no build.
    listed_by: BTreeMap<&'f RepoPath, &'f RepoPath>,
    /// What kustomization files that take part in no build name besides.
    patches: BTreeSet<&'f RepoPath>,
    /// Comments that list a path.
    commented: BTreeMap<&'f RepoPath, commented_out::Comment>,
    /// Flux Kustomizations in comments, by the folder that they would build.
    commented_kustomizations: BTreeMap<RepoPath, Cause>,
    /// Flux Kustomizations in files that no build reads, by the folder that they would build.
    kustomizations: BTreeMap<RepoPath, UnappliedKustomization<'f>>,
    /// Those in any file that is not applied, such as what a Kustomization builds that fails.
    unapplied: BTreeMap<RepoPath, UnappliedKustomization<'f>>,
    evaluations: &'f [&'f Evaluation],
    /// Those that are applied and do not build the folder that they state. Few files are left for which this matters.
    elsewhere: OnceCell<BTreeMap<RepoPath, Cause>>,
}

impl<'f> Unread<'f> {
    fn new(
        evaluations: &'f [&'f Evaluation],
        files: &'f RepositoryFiles,
        sources: &Sources,
        applied: &BTreeSet<RepoPath>,
    ) -> Self {
        let mut folders: Vec<RepoPath> = Vec::new();
        let mut has_artifacts = false;
        for evaluation in evaluations {
            folders.push(evaluation.entry.clone());
            for evaluated in evaluation.evaluated().filter(|evaluated| !evaluated.external) {
                folders.extend(folders_of(evaluation, evaluated));
                let source = evaluated
                    .kustomization
                    .as_ref()
                    .and_then(|kustomization| kustomization.source.as_ref());
                has_artifacts |= source.is_some_and(|source| source.id.kind == "ExternalArtifact");
            }
        }
        for (folder, file) in &files.kustomizations {
            let mut named = file.named();
            if named.any(|path| applied.contains(path) && path.starts_with(folder)) {
                folders.push(folder.clone());
            }
        }
        if has_artifacts {
            add_listing(files, &mut folders);
        }
        let built = files.built(sources, folders);
        let mut unread = Unread {
            files,
            listed_by: BTreeMap::new(),
            patches: BTreeSet::new(),
            commented: commented_out::listed(files, sources),
            commented_kustomizations: commented_out::kustomizations(files),
            kustomizations: BTreeMap::new(),
            unapplied: kustomization_not_applied::by_folder(
                (files.manifests.iter()).filter(|file| !applied.contains(&file.path)),
            ),
            evaluations,
            elsewhere: OnceCell::new(),
            built,
        };
        for (folder, file) in &files.kustomizations {
            if !unread.built.folders.contains(folder) {
                for path in &file.lists {
                    unread.listed_by.entry(path).or_insert(folder);
                }
                unread.patches.extend(&file.others);
            }
        }
        unread.kustomizations = kustomization_not_applied::by_folder(
            files
                .manifests
                .iter()
                .filter(|file| !applied.contains(&file.path) && !unread.is_used(&file.path)),
        );
        unread
    }

    /// Whether a kustomization file names a file as something else than a resource, or a build reads it.
    fn is_used(&self, file: &RepoPath) -> bool {
        self.built.files.contains(file) || (self.patches.contains(file) && !self.listed_by.contains_key(file))
    }

    /// What keeps a file from being applied.
    fn cause(&self, file: &RepoPath) -> Cause {
        let mut path = file;
        for _ in 0..MOST_STEPS {
            if let Some(cause) = commented_out::cause(&self.commented, path) {
                return cause;
            }
            if let Some(cause) = self.kustomization_of(path) {
                return cause;
            }
            if let Some(cause) = self.commented_kustomizations.get(path) {
                return cause.clone();
            }
            match self.listed_by.get(path) {
                Some(folder) if *folder != path => path = folder,
                _ => break,
            }
        }
        let around = path.ancestors().skip(1);
        // Without a kustomization file a Kustomization takes all that lies below its folder.
        for folder in around {
            // One that has a kustomization file applies what that lists.
            if self.files.kustomizations.contains_key(&folder) {
                break;
            }
            if let Some(cause) = self.kustomization_of(&folder) {
                return cause;
            }
            if let Some(cause) = self.commented_kustomizations.get(&folder) {
                return cause.clone();
            }
        }
        unlisted::cause(self, path)
    }
}

impl Unread<'_> {
    /// The Kustomization that states a folder, and why that comes to nothing: nothing applies it, or it builds another.
    fn kustomization_of(&self, folder: &RepoPath) -> Option<Cause> {
        let unread = kustomization_not_applied::cause(&self.kustomizations, folder);
        if unread.is_some() || self.built.folders.contains(folder) {
            return unread;
        }
        let unapplied = kustomization_not_applied::cause(&self.unapplied, folder);
        unapplied.or_else(|| {
            let elsewhere = || built_elsewhere::by_folder(self.evaluations);
            self.elsewhere.get_or_init(elsewhere).get(folder).cloned()
        })
    }
}

/// Adds the folders whose kustomization files list one that is there, and so on: a Kustomization that builds an artifact names a
/// path in that, and not the folder of the repository from which the path comes.
fn add_listing(files: &RepositoryFiles, folders: &mut Vec<RepoPath>) {
    let mut known: BTreeSet<RepoPath> = folders.iter().cloned().collect();
    let mut listed_by: BTreeMap<&RepoPath, Vec<&RepoPath>> = BTreeMap::new();
    for (folder, file) in &files.kustomizations {
        for path in &file.lists {
            listed_by.entry(path).or_default().push(folder);
        }
    }
    let mut at = 0;
    while let Some(folder) = folders.get(at) {
        for folder in listed_by.get(folder).cloned().unwrap_or_default() {
            if known.insert(folder.clone()) {
                folders.push(folder.clone());
            }
        }
        at += 1;
    }
}

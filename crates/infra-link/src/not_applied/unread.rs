//! Objects in files that no build reads, and the cause of each.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::Evaluation;
use foldhash::HashSet;
use infra_model::NotApplied;
use kustomize_build::Sources;
use source_tree::RepoPath;

use super::kustomization_not_applied::UnappliedKustomization;
use super::{Cause, built_elsewhere, commented_out, kustomization_not_applied, unlisted};
use crate::repository_files::{Built, RepositoryFiles, folders_of};

/// Longest chain of kustomization files that list each other.
const MOST_STEPS: usize = 64;

/// The objects in files that no build reads. `built` are some of the builds.
pub(super) fn find(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    built: Built,
    sources: &Sources,
    applied: &HashSet<RepoPath>,
) -> Vec<NotApplied> {
    let unread = Unread::new(evaluations, files, built, sources, applied);
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

/// Finds the cause of a file that no build reads.
pub(super) struct Unread<'f> {
    pub(super) files: &'f RepositoryFiles,
    pub(super) built: Built,
    /// The folder of the kustomization file that lists a path and takes part in no build.
    listed_by: BTreeMap<&'f RepoPath, &'f RepoPath>,
    /// Other files that such kustomization files name.
    patches: BTreeSet<&'f RepoPath>,
    /// Comments that list a path.
    commented: BTreeMap<&'f RepoPath, commented_out::Comment>,
    /// Flux Kustomizations in comments, by the folder that they would build.
    commented_kustomizations: BTreeMap<RepoPath, Cause>,
    /// Flux Kustomizations in files that no build reads, by the folder that they would build.
    kustomizations: BTreeMap<RepoPath, UnappliedKustomization<'f>>,
    /// Those in any file that is not applied, such as one that a failing Kustomization builds.
    unapplied: BTreeMap<RepoPath, UnappliedKustomization<'f>>,
    evaluations: &'f [&'f Evaluation],
    /// Flux Kustomizations that are applied and do not build their folder. Few files need them.
    elsewhere: OnceCell<BTreeMap<RepoPath, Cause>>,
}

impl<'f> Unread<'f> {
    fn new(
        evaluations: &'f [&'f Evaluation],
        files: &'f RepositoryFiles,
        mut built: Built,
        sources: &Sources,
        applied: &HashSet<RepoPath>,
    ) -> Self {
        let mut folders: Vec<RepoPath> = Vec::new();
        let mut has_artifacts = false;
        for evaluation in evaluations {
            folders.push(evaluation.entry.clone());
            for evaluated in evaluation.evaluated().filter(|evaluated| !evaluated.external) {
                folders.extend(folders_of(evaluation, evaluated));
                let kustomization = evaluated.kustomization.as_ref();
                let source = kustomization.and_then(|kustomization| kustomization.source.as_ref());
                has_artifacts |= source.is_some_and(|source| source.id.kind == "ExternalArtifact");
            }
        }
        for (folder, file) in &files.kustomizations {
            let mut named = file.named();
            if named.any(|path| path.starts_with(folder) && applied.contains(path)) {
                folders.push(folder.clone());
            }
        }
        if has_artifacts {
            add_listing(files, &mut folders);
        }
        files.add_built(sources, folders, &mut built);
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
        let manifests = files.manifests.iter();
        let unused = manifests.filter(|file| !applied.contains(&file.path) && !unread.is_used(&file.path));
        unread.kustomizations = kustomization_not_applied::by_folder(unused);
        unread
    }

    /// Whether a kustomization file names a file as something else than a resource, or a build reads it.
    fn is_used(&self, file: &RepoPath) -> bool {
        self.built.files.contains(file) || (self.patches.contains(file) && !self.listed_by.contains_key(file))
    }

    fn cause(&self, file: &RepoPath) -> Cause {
        let mut path = file;
        for _ in 0..MOST_STEPS {
            let commented = commented_out::cause(&self.commented, path);
            if let Some(cause) = commented.or_else(|| self.kustomization_of(path)) {
                return cause;
            }
            match self.listed_by.get(path) {
                Some(folder) if *folder != path => path = folder,
                _ => break,
            }
        }
        // Without a kustomization file a Kustomization takes all files below its folder, with one it takes the listed files.
        let around = path.ancestors().skip(1);
        let mut around = around.take_while(|folder| !self.files.kustomizations.contains_key(folder));
        let cause = around.find_map(|folder| self.kustomization_of(&folder));
        cause.unwrap_or_else(|| unlisted::cause(self, path))
    }

    /// The cause of a folder that a Kustomization states but does not build, or that one in a comment states.
    fn kustomization_of(&self, folder: &RepoPath) -> Option<Cause> {
        let in_use = self.unbuilt_kustomization(folder);
        in_use.or_else(|| self.commented_kustomizations.get(folder).cloned())
    }

    fn unbuilt_kustomization(&self, folder: &RepoPath) -> Option<Cause> {
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

/// Adds the folders whose kustomization files list one of `folders`, and so on: a Kustomization of an artifact names a path in the
/// artifact, rather than the folder of the repository from which it comes.
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

//! `commentedOut`: an object is in a comment, or only a comment lists its file.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::Evaluation;
use foldhash::HashSet;
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::{BuildError, BuildOptions, Sources};
use source_tree::{EntryKind, Place, RepoPath};

use super::Cause;
use super::kustomization_failed::shortened;
use crate::repository_files::{Header, KustomizationFile, ManifestFile, RepositoryFiles};

/// Objects that only comments state or list, if the clusters are not understood. Folders that a Kustomization builds from elsewhere
/// may be applied, and are left out.
pub(super) fn find(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    sources: &Sources,
    applied: &HashSet<RepoPath>,
) -> Vec<NotApplied> {
    let all = evaluations.iter().flat_map(|evaluation| evaluation.evaluated());
    let external = all.filter(|evaluated| evaluated.external && !evaluated.path.is_root());
    let external: BTreeSet<&RepoPath> = external.map(|evaluated| &evaluated.path).collect();
    let may_be_applied = |path: &RepoPath| path.ancestors().any(|folder| external.contains(&folder));
    let listed = listed(files, sources);
    let kustomizations = files.kustomizations.values();
    let named: BTreeSet<&RepoPath> = kustomizations.flat_map(KustomizationFile::named).collect();
    let mut found = Vec::new();
    for file in files.manifests.iter().filter(|file| !may_be_applied(&file.path)) {
        found.extend(manifests(file));
        let is_used = applied.contains(&file.path) || file.path.ancestors().any(|path| named.contains(&path));
        if !is_used && let Some(cause) = cause(&listed, &file.path) {
            found.extend(file.objects.iter().map(|object| cause.entry(object, &file.path)));
        }
    }
    found
}

/// The objects in the comments of a manifest.
pub(super) fn manifests(file: &ManifestFile) -> impl Iterator<Item = NotApplied> {
    file.commented
        .iter()
        .map(|object| commented(file, object).entry(object, &file.path))
}

fn commented(file: &ManifestFile, object: &Header) -> Cause {
    Cause {
        reason: NotAppliedReason::CommentedOut,
        evidence: Some(object.place(&file.path)),
        detail: object.comment.clone(),
        ..Cause::default()
    }
}

/// The Flux Kustomizations in comments, by the folder that each would build; the first of several.
pub(super) fn kustomizations(files: &RepositoryFiles) -> BTreeMap<RepoPath, Cause> {
    let mut found = BTreeMap::new();
    for file in &files.manifests {
        for object in &file.commented {
            if let Some(folder) = object.flux_path() {
                found.entry(folder).or_insert_with(|| Cause {
                    by: Some(object.id.to_string()),
                    ..commented(file, object)
                });
            }
        }
    }
    found
}

/// A comment that lists a path.
pub(super) struct Comment {
    place: Place,
    /// The reason in the comment.
    reason: Option<String>,
    /// Why the path does not build.
    would_fail: Option<String>,
}

/// Most folders in comments that are built to see whether they would fail.
const MOST_BUILT: usize = 100;

/// The paths that comments of kustomization files list.
pub(super) fn listed<'f>(files: &'f RepositoryFiles, sources: &Sources) -> BTreeMap<&'f RepoPath, Comment> {
    let mut listed = BTreeMap::new();
    for file in files.kustomizations.values() {
        for item in &file.commented {
            let is_built = listed.len() < MOST_BUILT;
            listed.entry(&item.path).or_insert_with(|| Comment {
                place: Place {
                    file: file.path.clone(),
                    line: item.line,
                },
                reason: item.reason.clone(),
                would_fail: is_built.then(|| would_fail(files, sources, &item.path)).flatten(),
            });
        }
    }
    listed
}

/// Why a build would fail that lists a path, or that of the folder of a Kustomization at the path. `None` if both build, or if that
/// is not known.
fn would_fail(files: &RepositoryFiles, sources: &Sources, path: &RepoPath) -> Option<String> {
    let fails = |folder: &RepoPath| {
        let file = files.kustomizations.get(folder)?;
        // A Component builds only as a part of another kustomization.
        let text = sources.text(&file.path);
        if text.is_ok_and(|text| text.contains("kind: Component")) {
            return None;
        }
        let error = kustomize_build::build(sources, folder, &BuildOptions::flux()).err()?;
        let is_known = !error.is_unresolved() && !matches!(error, BuildError::Limit(_));
        let cause = error.cause();
        let cause = redaction::without_credentials(&cause);
        is_known.then(|| format!("{folder} does not build: {}", shortened(&cause)))
    };
    let is_folder = sources.tree().kind(path) == Some(EntryKind::Directory);
    if is_folder && !files.kustomizations.contains_key(path) {
        return Some(format!("{path} has no kustomization file"));
    }
    let within = files.manifests.iter().filter(|file| file.path.starts_with(path));
    let objects = within.flat_map(|file| &file.objects);
    let mut folders = std::iter::once(path.clone()).chain(objects.filter_map(Header::flux_path));
    folders.find_map(|folder| fails(&folder))
}

/// The comment that lists a path or a folder around it.
pub(super) fn cause(listed: &BTreeMap<&RepoPath, Comment>, path: &RepoPath) -> Option<Cause> {
    let comment = path.ancestors().find_map(|path| listed.get(&path))?;
    Some(Cause {
        reason: NotAppliedReason::CommentedOut,
        evidence: Some(comment.place.clone()),
        detail: comment.reason.clone(),
        would_fail: comment.would_fail.clone(),
        ..Cause::default()
    })
}

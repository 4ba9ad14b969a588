//! `commentedOut`: an object is in a comment, or a comment is all that lists its file.

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::Evaluation;
use infra_model::{NotApplied, NotAppliedReason};
use kustomize_build::{BuildError, BuildOptions, Sources};
use source_tree::{EntryKind, Place, RepoPath};

use super::Cause;
use super::kustomization_failed::shortened;
use crate::repository_files::{Header, ManifestFile, RepositoryFiles};

/// What comments alone state or list, where it is not known what the clusters apply: that of which a Kustomization builds
/// what is not at hand may be in there, and is left out.
pub(super) fn find(
    evaluations: &[&Evaluation],
    files: &RepositoryFiles,
    sources: &Sources,
    applied: &BTreeSet<RepoPath>,
) -> Vec<NotApplied> {
    let all = evaluations.iter().flat_map(|evaluation| evaluation.evaluated());
    let external = all.filter(|evaluated| evaluated.external && !evaluated.path.is_root());
    let external: BTreeSet<&RepoPath> = external.map(|evaluated| &evaluated.path).collect();
    let may_be_applied = |path: &RepoPath| path.ancestors().any(|folder| external.contains(&folder));
    let listed = listed(files, sources);
    let named: BTreeSet<&RepoPath> = files
        .kustomizations
        .values()
        .flat_map(|file| file.named())
        .collect();
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
    file.commented.iter().map(|object| {
        let place = Place {
            file: file.path.clone(),
            line: object.line,
        };
        let cause = Cause {
            reason: NotAppliedReason::CommentedOut,
            evidence: Some(place),
            detail: object.comment.clone(),
            ..Cause::default()
        };
        cause.entry(object, &file.path)
    })
}

/// The Flux Kustomizations in comments, by the folder that each would build; of several the first.
pub(super) fn kustomizations(files: &RepositoryFiles) -> BTreeMap<RepoPath, Cause> {
    let mut found = BTreeMap::new();
    for file in &files.manifests {
        for object in &file.commented {
            let Some(folder) = object.flux_path() else {
                continue;
            };
            found.entry(folder).or_insert_with(|| Cause {
                reason: NotAppliedReason::CommentedOut,
                evidence: Some(Place {
                    file: file.path.clone(),
                    line: object.line,
                }),
                by: Some(object.id.to_string()),
                detail: object.comment.clone(),
                would_fail: None,
            });
        }
    }
    found
}

/// A comment that lists a path.
pub(super) struct Comment {
    place: Place,
    /// Why, in its own words.
    reason: Option<String>,
    /// Why what it lists does not build.
    would_fail: Option<String>,
}

/// So many folders in comments are built to see whether they would.
const MOST_BUILT: usize = 100;

/// The paths that comments of kustomization files list.
pub(super) fn listed<'f>(files: &'f RepositoryFiles, sources: &Sources) -> BTreeMap<&'f RepoPath, Comment> {
    let mut listed = BTreeMap::new();
    for file in files.kustomizations.values() {
        for item in &file.commented {
            let is_looked_at = listed.len() < MOST_BUILT;
            listed.entry(&item.path).or_insert_with(|| Comment {
                place: Place {
                    file: file.path.clone(),
                    line: item.line,
                },
                reason: item.reason.clone(),
                would_fail: is_looked_at
                    .then(|| would_fail(files, sources, &item.path))
                    .flatten(),
            });
        }
    }
    listed
}

/// Why a path would fail a build that lists it, or the folder that a Kustomization at the path names fails its own. None where
/// both build, and where that is not known.
fn would_fail(files: &RepositoryFiles, sources: &Sources, path: &RepoPath) -> Option<String> {
    let fails = |folder: &RepoPath| {
        let file = files.kustomizations.get(folder)?;
        // A Component builds only as a part of what lists it.
        let is_component = sources
            .text(&file.path)
            .is_ok_and(|text| text.contains("kind: Component"));
        if is_component {
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
    let folders = within
        .flat_map(|file| &file.objects)
        .filter_map(Header::flux_path);
    let mut folders = std::iter::once(path.clone()).chain(folders);
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

//! `commentedOut`: an object is in a comment, or a comment is all that lists its file.

use std::collections::BTreeMap;

use infra_model::{NotApplied, NotAppliedReason};
use source_tree::{Place, RepoPath};

use super::Cause;
use crate::repository_files::{ManifestFile, RepositoryFiles};

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
            ..Cause::default()
        };
        cause.entry(object, &file.path)
    })
}

/// A comment that lists a path.
pub(super) struct Comment {
    place: Place,
    /// Why, in its own words.
    reason: Option<String>,
}

/// The paths that comments of kustomization files list.
pub(super) fn listed(files: &RepositoryFiles) -> BTreeMap<&RepoPath, Comment> {
    let mut listed = BTreeMap::new();
    for file in files.kustomizations.values() {
        for item in &file.commented {
            listed.entry(&item.path).or_insert_with(|| Comment {
                place: Place {
                    file: file.path.clone(),
                    line: item.line,
                },
                reason: item.reason.clone(),
            });
        }
    }
    listed
}

/// The comment that lists a path or a folder around it.
pub(super) fn cause(listed: &BTreeMap<&RepoPath, Comment>, path: &RepoPath) -> Option<Cause> {
    let comment = path.ancestors().find_map(|path| listed.get(&path))?;
    Some(Cause {
        reason: NotAppliedReason::CommentedOut,
        evidence: Some(comment.place.clone()),
        detail: comment.reason.clone(),
        ..Cause::default()
    })
}

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

/// The paths that comments of kustomization files list.
pub(super) fn listed(files: &RepositoryFiles) -> BTreeMap<&RepoPath, Place> {
    let mut listed = BTreeMap::new();
    for file in files.kustomizations.values() {
        for (line, path) in &file.commented {
            listed.entry(path).or_insert_with(|| Place {
                file: file.path.clone(),
                line: *line,
            });
        }
    }
    listed
}

/// The comment that lists a path or a folder around it.
pub(super) fn cause(listed: &BTreeMap<&RepoPath, Place>, path: &RepoPath) -> Option<Cause> {
    let comment = path.ancestors().find_map(|path| listed.get(&path))?;
    Some(Cause {
        reason: NotAppliedReason::CommentedOut,
        evidence: Some(comment.clone()),
        ..Cause::default()
    })
}

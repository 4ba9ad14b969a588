//! `unlisted`: no kustomization file lists a file, or the folder that leads to it.

use infra_model::NotAppliedReason;
use source_tree::RepoPath;

use super::Cause;
use super::unread::Unread;

/// What could list a path: the nearest kustomization file around it that takes part in a build, else the nearest.
pub(super) fn cause(unread: &Unread<'_>, path: &RepoPath) -> Cause {
    let around = path.ancestors().skip(1);
    let around: Vec<_> = around
        .filter_map(|folder| {
            Some((
                unread.built.folders.contains(&folder),
                unread.files.kustomizations.get(&folder)?,
            ))
        })
        .collect();
    let built = around.iter().find(|(is_built, _)| *is_built);
    let nearest = built.or(around.first()).map(|(_, file)| file.resources());
    Cause {
        reason: NotAppliedReason::Unlisted,
        evidence: nearest,
        by: None,
        detail: Some(path.to_string()),
        would_fail: None,
    }
}

//! `unlisted`: no kustomization file lists a file, or a folder above it.

use infra_model::NotAppliedReason;
use source_tree::RepoPath;

use super::Cause;
use super::unread::Unread;

/// The cause, with the kustomization file that could list a path: the nearest above it that takes part in a build, else the nearest.
pub(super) fn cause(unread: &Unread<'_>, path: &RepoPath) -> Cause {
    let around = path.ancestors().skip(1);
    let around = around.filter_map(|folder| {
        let file = unread.files.kustomizations.get(&folder)?;
        Some((unread.built.folders.contains(&folder), file))
    });
    let around: Vec<_> = around.collect();
    let built = around.iter().find(|(is_built, _)| *is_built);
    let nearest = built.or(around.first()).map(|(_, file)| file.resources());
    Cause {
        reason: NotAppliedReason::Unlisted,
        evidence: nearest,
        detail: Some(path.to_string()),
        ..Cause::default()
    }
}

//! `kustomizationNotApplied`: no cluster applies the Flux Kustomization that would apply an object.

use std::collections::BTreeMap;

use infra_model::NotAppliedReason;
use source_tree::RepoPath;

use super::Cause;
use crate::repository_files::{Header, ManifestFile, objects};

/// A Flux Kustomization that no cluster applies.
pub(super) struct UnappliedKustomization<'f> {
    object: &'f Header,
    file: &'f RepoPath,
}

/// The Kustomizations in some files, by the folder that they would build.
pub(super) fn by_folder<'f>(
    files: impl Iterator<Item = &'f ManifestFile>,
) -> BTreeMap<RepoPath, UnappliedKustomization<'f>> {
    let mut kustomizations = BTreeMap::new();
    for (file, object) in objects(files) {
        if let Some(folder) = object.flux_path() {
            kustomizations
                .entry(folder)
                .or_insert(UnappliedKustomization { object, file });
        }
    }
    kustomizations
}

/// The Kustomization that would build a folder.
pub(super) fn cause(
    kustomizations: &BTreeMap<RepoPath, UnappliedKustomization<'_>>,
    folder: &RepoPath,
) -> Option<Cause> {
    let UnappliedKustomization { object, file } = kustomizations.get(folder)?;
    let by = match object.id.namespace.as_str() {
        "" => object.id.name.to_string(),
        namespace => format!("{namespace}/{}", object.id.name),
    };
    Some(Cause {
        reason: NotAppliedReason::KustomizationNotApplied,
        evidence: Some(object.place(file)),
        by: Some(by),
        ..Cause::default()
    })
}

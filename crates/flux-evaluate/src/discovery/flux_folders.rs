//! Cluster entries of last resort: folders that hold Flux objects, without any Kustomization or kustomization file.

use std::collections::BTreeSet;

use source_tree::RepoPath;

use super::left_over::is_left_over;
use super::manifests::Manifests;
use super::{Entry, EntryKind};
use crate::flux::{self, Kind};

/// The folders that `flux bootstrap` has left its manifests in, else those that hold HelmReleases or sources; of folders in
/// each other the outer one.
pub(super) fn find(manifests: &Manifests) -> Vec<Entry> {
    let files = manifests.files.iter().filter(|file| !is_left_over(&file.path));
    let bootstrapped: BTreeSet<RepoPath> = files
        .clone()
        .filter(|file| file.path.file_name() == Some("gotk-components.yaml"))
        .filter_map(|file| {
            let folder = file.path.parent()?;
            match folder.file_name() {
                Some("flux-system") => folder.parent(),
                _ => Some(folder),
            }
        })
        .collect();
    let folders = match bootstrapped.is_empty() {
        false => bootstrapped,
        true => files
            .filter(|file| file.mentions_source || file.mentions_release)
            .filter(|file| manifests.objects(&file.path).iter().any(is_applied_by_flux))
            .filter_map(|file| file.path.parent())
            .filter(|folder| !is_in_chart(manifests, folder))
            .collect(),
    };
    let is_outer = |folder: &&RepoPath| {
        let mut around = folder.ancestors().skip(1);
        !around.any(|folder| folders.contains(&folder))
    };
    folders
        .iter()
        .filter(is_outer)
        .map(|folder| Entry {
            kind: EntryKind::KustomizationRoot,
            ..Entry::bare(folder.clone())
        })
        .collect()
}

fn is_applied_by_flux(object: &yaml_node::Node) -> bool {
    matches!(flux::kind(object), Some(Kind::HelmRelease | Kind::Source))
        && !super::left_over::is_template(object)
}

/// Whether a folder is a chart, or a part of one.
fn is_in_chart(manifests: &Manifests, folder: &RepoPath) -> bool {
    folder
        .ancestors()
        .any(|folder| manifests.has_file(&folder.join("Chart.yaml")))
}

//! Cluster entries of last resort: folders that contain Flux objects, without any Kustomization or kustomization file.

use std::collections::BTreeSet;

use foldhash::HashSet;
use source_tree::{ObjectRef, RepoPath};

use super::Entry;
use super::environments::environment;
use super::left_over::{is_left_over, is_template};
use super::manifests::Manifests;
use crate::flux::{self, Kind, object_ref};

/// The folders with manifests of `flux bootstrap`, or else those with HelmReleases or sources; of nested folders the outer one.
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
    let is_bootstrapped = !bootstrapped.is_empty();
    let folders = match is_bootstrapped {
        true => bootstrapped,
        false => files
            .filter(|file| file.mentions_source || file.mentions_release)
            .filter(|file| manifests.objects(&file.path).iter().any(is_applied_by_flux))
            .filter_map(|file| file.path.parent())
            .filter(|folder| !manifests.is_in_chart(folder))
            .collect(),
    };
    let is_outer = |folder: &&RepoPath| {
        let mut around = folder.ancestors().skip(1);
        !around.any(|folder| folders.contains(&folder))
    };
    let outer = folders.iter().filter(is_outer).cloned();
    let entries = outer.map(Entry::assumed);
    if is_bootstrapped {
        return entries.collect();
    }
    join_clusters(manifests, entries.collect())
}

/// Folders of one environment are one cluster, and so are those without environment, unless two of them define the same object.
fn join_clusters(manifests: &Manifests, entries: Vec<Entry>) -> Vec<Entry> {
    let mut groups: Vec<(Option<String>, HashSet<ObjectRef>, Entry)> = Vec::new();
    for entry in entries {
        let files = manifests
            .files
            .iter()
            .filter(|file| file.path.starts_with(&entry.path));
        let objects = files.flat_map(|file| manifests.objects(&file.path));
        let ids: HashSet<ObjectRef> = objects.map(|object| object_ref(&object)).collect();
        let environment = environment(&entry.path);
        let environment = environment.map(|path| path.split('/').next().unwrap_or_default().to_owned());
        let mut known = groups.iter_mut();
        match known.find(|(known, known_ids, _)| *known == environment && known_ids.is_disjoint(&ids)) {
            Some((_, known_ids, known)) => {
                known_ids.extend(ids);
                known.join(entry);
            }
            None => groups.push((environment, ids, entry)),
        }
    }
    groups.into_iter().map(|(.., entry)| entry).collect()
}

fn is_applied_by_flux(object: &yaml_node::Node) -> bool {
    matches!(flux::kind(object), Some(Kind::HelmRelease | Kind::Source)) && !is_template(object)
}

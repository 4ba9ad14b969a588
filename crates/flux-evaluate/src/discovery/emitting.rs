//! Folders whose build holds Flux Kustomizations turn into cluster entries, where nothing tells of bootstrapping.

use std::collections::BTreeSet;

use source_tree::{Mark, RepoPath};
use yaml_node::Node;

use super::entry::Entry;
use super::manifests::Manifests;
use crate::flux::{self, Kind};

/// A folder and the places of the Kustomizations that its build holds.
struct Candidate {
    folder: RepoPath,
    places: BTreeSet<(u32, u32)>,
    paths: Vec<RepoPath>,
}

/// The folders below a `clusters` folder, or elsewhere, that emit Kustomizations and that no Kustomization's path covers.
pub(super) fn find(manifests: &Manifests) -> Vec<Entry> {
    let mut folders: BTreeSet<RepoPath> = manifests
        .folders
        .iter()
        .filter(|folder| is_cluster(folder))
        .cloned()
        .collect();
    for file in manifests.files.iter().filter(|file| file.mentions_kustomization) {
        let mut folder = file.path.parent();
        let mut is_first = true;
        while let Some(current) = folder {
            if is_first || manifests.has_kustomization_file(&current) {
                folders.insert(current.clone());
            }
            is_first = false;
            folder = current.parent();
        }
    }
    let candidates: Vec<Candidate> = folders
        .into_iter()
        .filter_map(|folder| candidate(manifests, folder))
        .collect();
    let mut open: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| {
            // What stands below a candidate is a part of it, such as a Kustomization that points back at its top.
            let mut others = candidates
                .iter()
                .filter(|other| !other.folder.starts_with(&candidate.folder));
            !others.any(|other| other.covers(&candidate.folder))
        })
        .collect();
    // A folder in a `clusters` folder is the likeliest entry, then one that holds most, then the one nearest to the top.
    open.sort_by_key(|candidate| {
        (
            !is_cluster(&candidate.folder),
            std::cmp::Reverse(candidate.places.len()),
            candidate.folder.parts().count(),
            candidate.folder.clone(),
        )
    });
    // Where there are `clusters` folders, what else holds Kustomizations is a part of them, or left over.
    if open.iter().any(|candidate| is_cluster(&candidate.folder)) {
        open.retain(|candidate| is_cluster(&candidate.folder));
    }
    let mut kept: Vec<&Candidate> = Vec::new();
    for candidate in open {
        let is_part = kept.iter().any(|other| {
            let nested =
                candidate.folder.starts_with(&other.folder) || other.folder.starts_with(&candidate.folder);
            nested || (!is_cluster(&candidate.folder) && candidate.places.is_subset(&other.places))
        });
        if !is_part {
            kept.push(candidate);
        }
    }
    let mut entries: Vec<Entry> = kept
        .into_iter()
        .map(|candidate| Entry::bare(candidate.folder.clone()))
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

impl Candidate {
    fn covers(&self, folder: &RepoPath) -> bool {
        self.paths
            .iter()
            .any(|path| !path.is_root() && folder.starts_with(path))
    }
}

fn is_cluster(folder: &RepoPath) -> bool {
    folder
        .parent()
        .is_some_and(|parent| parent.file_name() == Some("clusters"))
}

fn candidate(manifests: &Manifests, folder: RepoPath) -> Option<Candidate> {
    let objects = manifests.build(&folder)?;
    let kustomizations: Vec<&Node> = objects
        .iter()
        .filter(|object| flux::kind(object) == Some(Kind::Kustomization))
        .collect();
    if kustomizations.is_empty() {
        return None;
    }
    let place = |mark: Mark| (mark.file.0, mark.line);
    Some(Candidate {
        places: kustomizations.iter().map(|object| place(object.mark)).collect(),
        paths: kustomizations
            .iter()
            .filter_map(|object| object.text_at(&["spec", "path"]))
            .filter(|path| !path.contains("${"))
            .map(RepoPath::new)
            .collect(),
        folder,
    })
}

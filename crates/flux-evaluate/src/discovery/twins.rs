//! Folders beside an entry that are entries too, though files of bootstrapping name only one of them.
//!
//! A FluxInstance, for example, is often written for a cluster on the developer's machine, and a script sets its path for others.

use foldhash::{HashMap, HashSet};
use rayon::prelude::*;
use smol_str::SmolStr;
use source_tree::RepoPath;

use super::candidates::{Candidate, Search};
use super::folders::Folders;
use super::manifests::{ManifestFile, Manifests};
use super::{Entry, Survey};
use crate::flux::{self, Kind};

/// Features of the entries of a folder, which other folders there may have too.
#[derive(Default)]
struct Features {
    /// Names of the entries' Kustomizations: no cluster can have one twice.
    names: HashSet<SmolStr>,
    has_kustomization_file: bool,
}

/// Features of entries, by the folder around them.
pub(super) struct Twins {
    beside: HashMap<RepoPath, Features>,
}

impl Twins {
    pub(super) fn new<'e>(survey: &Survey, entries: impl Iterator<Item = &'e RepoPath>) -> Self {
        let mut beside: HashMap<RepoPath, Features> = HashMap::default();
        for entry in entries {
            let Some(parent) = entry.parent() else { continue };
            let stated = survey.stated_by(&survey.files_in_build(entry)).into_iter();
            let stated = stated.filter(|stated| stated.view.source.is_some());
            let known = beside.entry(parent).or_default();
            known
                .names
                .extend(stated.map(|stated| stated.view.id.name.clone()));
            known.has_kustomization_file |= survey.has_kustomization_file(entry);
        }
        Twins { beside }
    }

    /// Whether a folder is like an entry beside it.
    pub(super) fn contain(&self, candidate: &Candidate, search: &Search<'_>) -> bool {
        let parent = candidate.folder.parent().unwrap_or_default();
        let Some(beside) = self.beside.get(&parent) else {
            return false;
        };
        let mut own = candidate.kustomizations.iter();
        let is_alike = !parent.is_root()
            && beside.has_kustomization_file
            && search.survey.has_kustomization_file(&candidate.folder)
            && search.builds_here(candidate);
        is_alike || own.any(|own| beside.names.contains(&own.id.name))
    }
}

/// Whether there may be such folders: with Kustomizations, and outside of everything that entries point at.
pub(super) fn may_exist(manifests: &Manifests, entries: &[Entry]) -> bool {
    let known: Folders = entries.iter().map(|entry| &entry.path).collect();
    let parents: HashSet<RepoPath> = entries.iter().filter_map(|entry| entry.path.parent()).collect();
    let around: Folders = parents.iter().collect();
    let files = manifests.files.iter();
    let files = files.filter(|file| {
        file.mentions_kustomization
            && file.path.file_name() != Some("gotk-components.yaml")
            && around.cover(&file.path)
            && !manifests.is_left_over(&file.path)
    });
    let (inside, beside): (Vec<_>, Vec<_>) = files.partition(|file| known.cover(&file.path));
    if beside.is_empty() {
        return false;
    }
    let (names, targets) = stated(manifests, inside);
    let targets: Folders = targets.iter().collect();
    let beside = beside.into_iter().filter(|file| !targets.cover(&file.path));
    let beside: Vec<&ManifestFile> = beside.collect();
    let is_alike = |folder: &RepoPath| {
        let parent = folder.parent().filter(|parent| !parent.is_root());
        parent.is_some_and(|parent| parents.contains(&parent)) && manifests.has_kustomization_file(folder)
    };
    let mut folders = beside.iter().flat_map(|file| file.path.ancestors().skip(1));
    let has_alike = entries
        .iter()
        .any(|entry| manifests.has_kustomization_file(&entry.path))
        && folders.any(|folder| is_alike(&folder));
    has_alike || !names.is_disjoint(&stated(manifests, beside).0)
}

/// Names and paths of the Kustomizations that files define.
fn stated(manifests: &Manifests, files: Vec<&ManifestFile>) -> (HashSet<String>, Vec<RepoPath>) {
    let objects = files
        .into_par_iter()
        .flat_map_iter(|file| manifests.objects(&file.path));
    let stated: Vec<(String, RepoPath)> = objects
        .filter_map(|object| {
            object.at(&["spec", "sourceRef"])?;
            let is_kustomization = flux::kind(&object) == Some(Kind::Kustomization);
            let name = object
                .text_at(&["metadata", "name"])
                .filter(|_| is_kustomization)?;
            let path = object.text_at(&["spec", "path"]).unwrap_or_default();
            Some((name.to_owned(), RepoPath::new(path)))
        })
        .collect();
    let (names, mut paths): (Vec<String>, Vec<RepoPath>) = stated.into_iter().unzip();
    paths.retain(|path| !path.is_root());
    (names.into_iter().collect(), paths)
}

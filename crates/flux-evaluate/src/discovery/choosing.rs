//! Choice of the cluster entries among the candidates.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use source_tree::RepoPath;

use super::candidates::{CLUSTER_FOLDERS, Candidate, Search};
use super::folders::Folders;
use super::instances::is_same_source;
use super::survey::{KustomizationManifest, SourceManifest, Survey};
use super::twins::Twins;
use super::{Entry, SyncSource, root_files, shared_bases};
use crate::flux::Kustomization;

/// Folders that Kustomizations point at, with the file of each Kustomization, and whether its path contains variables.
type Targets = HashMap<RepoPath, Vec<(RepoPath, bool)>>;

impl Search<'_> {
    /// The entries besides those of bootstrapping, or all if there are none of bootstrapping.
    pub(super) fn entries(&self, bootstrapped: &[Entry]) -> Vec<Entry> {
        let mut candidates = self.candidates();
        let mut of_files: Vec<Entry> = Vec::new();
        candidates.retain(|candidate| {
            let entries = root_files::find(self.survey, &candidate.folder);
            let is_entry = entries.is_empty();
            of_files.extend(entries);
            is_entry
        });
        let bootstrapped: Vec<Entry> = bootstrapped.iter().chain(&of_files).cloned().collect();
        // Nobody applies a folder that contains the bootstrap file of a cluster elsewhere.
        let bootstrapping = bootstrapping_folders(&bootstrapped);
        candidates.retain(|candidate| !bootstrapping.contains(&candidate.folder));
        drop_failing_places(&mut candidates);
        let targets = self.targets(&candidates);
        forget_own_of_parts(&mut candidates, &targets);
        let own: BTreeSet<RepoPath> = candidates
            .iter()
            .filter(|candidate| candidate.own.is_some())
            .map(|candidate| candidate.folder.clone())
            .chain(bootstrapped.iter().map(|entry| entry.path.clone()))
            .collect();
        self.drop_parts(&mut candidates, &own, &targets);
        if own.is_empty() {
            keep_filled(&mut candidates);
            keep_sourced(&mut candidates, self.survey);
            keep_cluster_folders(&mut candidates);
        } else {
            let alike = Alike::new(own.iter());
            let twins = Twins::new(self.survey, own.iter());
            candidates.retain(|candidate| {
                own.contains(&candidate.folder)
                    || alike.has(&candidate.folder)
                    || twins.contain(candidate, self)
            });
        }
        drop_nested(&mut candidates);
        let known: Folders = bootstrapped.iter().map(|entry| &entry.path).collect();
        candidates.retain(|candidate| !known.touch(&candidate.folder));
        let is_at_work = candidates.iter().any(|candidate| {
            (candidate.own.is_some() && candidate.has_others) || self.builds_here(candidate)
        });
        let candidates = candidates.into_iter().map(|candidate| {
            let source = self.source_of(&candidate);
            (self.entry(candidate, source), source.map(|found| &found.file))
        });
        let mut entries = shared_bases::join(candidates);
        entries.extend(of_files);
        if !is_at_work && bootstrapped.is_empty() {
            entries = self.with_kustomization_roots(entries);
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries
    }

    /// A folder that the caller names, as an entry.
    pub(super) fn entry_at(&self, folder: &RepoPath) -> Entry {
        match self.candidate(folder.clone()) {
            Some(candidate) => {
                let source = self.source_of(&candidate);
                self.entry(candidate, source)
            }
            None => Entry::assumed(folder.clone()),
        }
    }

    /// Folders that Kustomizations point at.
    fn targets(&self, candidates: &[Candidate]) -> Targets {
        let mut targets = Targets::default();
        let mut add = |file: &RepoPath, view: &Kustomization| {
            if view.kube_config.is_none() && !self.survey.is_elsewhere(view) {
                for target in self.survey.resolve_all(file, &view.path) {
                    let pointer = (file.clone(), view.path.contains("${"));
                    targets.entry(target).or_default().push(pointer);
                }
            }
        };
        for stated in self.survey.stated.iter().filter(|stated| stated.has_path) {
            add(&stated.file, &stated.view);
        }
        for candidate in candidates {
            let inside = candidate.folder.join("x");
            candidate
                .kustomizations
                .iter()
                .for_each(|view| add(&inside, view));
        }
        targets
    }

    /// Drops candidates at which a Kustomization elsewhere points, or at a folder around them.
    fn drop_parts(&self, candidates: &mut Vec<Candidate>, own: &BTreeSet<RepoPath>, targets: &Targets) {
        // A candidate that points at itself stays, unless another one of these does so too.
        let held_by_own: HashMap<&RepoPath, HashSet<RepoPath>> = own
            .iter()
            .map(|folder| (folder, self.survey.files_in_build(folder)))
            .collect();
        candidates.retain(|candidate| {
            let files = self.survey.files_in_build(&candidate.folder);
            let inside = candidate.folder.join("x");
            let around = candidate.folder.ancestors();
            let mut pointers = around
                .filter(|folder| !folder.is_root())
                .filter_map(|folder| targets.get(&folder))
                .flatten()
                .filter(|(file, _)| *file != inside)
                // Its own Kustomizations do not make it a part. One in a shared folder, with variables in its path, points at
                // each cluster.
                .filter(|(file, is_open)| {
                    !(*is_open || file.starts_with(&candidate.folder)) || !files.contains(file)
                })
                .map(|(file, _)| file);
            if candidate.own.is_some() {
                !pointers.any(|file| {
                    held_by_own
                        .iter()
                        .any(|(folder, files)| **folder != candidate.folder && files.contains(file))
                })
            } else {
                pointers.next().is_none()
            }
        });
    }

    /// Whether the path of any Kustomization of a candidate is a folder of this repository.
    pub(super) fn builds_here(&self, candidate: &Candidate) -> bool {
        let inside = candidate.folder.join("x");
        candidate.kustomizations.iter().any(|view| {
            let resolved = || self.survey.resolve(&inside, &view.path);
            let is_here = view.path.contains("${")
                || resolved().is_some_and(|(root, target)| target != root && target != candidate.folder);
            is_here && !self.survey.is_elsewhere(view)
        })
    }

    /// The entry of a candidate, whose own Kustomization references `source`.
    fn entry(&self, candidate: Candidate, source: Option<&SourceManifest>) -> Entry {
        let own = candidate.own.as_ref();
        let reference = own.and_then(|own| own.source.as_ref());
        let sync = reference.map(|reference| SyncSource {
            id: reference.id.clone(),
            source: source.map(|found| found.view.clone()).unwrap_or_default(),
        });
        let is_own =
            |stated: &&KustomizationManifest| own.is_some_and(|own| own.id.name == stated.view.id.name);
        let pointers = self.survey.pointers_at(&candidate.folder);
        let pointer = pointers.map(|(_, stated)| stated).find(is_own);
        let pointer = pointer.map(|stated| &stated.file);
        let beside = source.map(|found| &found.file);
        let beside = beside.filter(|file| file.starts_with(&candidate.folder));
        Entry {
            root: candidate.root,
            sync: sync.into_iter().collect(),
            bootstrap_files: pointer.into_iter().chain(beside).cloned().collect(),
            ..Entry::bare(candidate.folder)
        }
    }

    /// The source that the own Kustomization of a candidate references: of several with its name, the nearest.
    fn source_of(&self, candidate: &Candidate) -> Option<&SourceManifest> {
        let id = &candidate.own.as_ref()?.source.as_ref()?.id;
        let folder = &candidate.folder;
        let files = self.survey.files_in_build(folder);
        let is_named = |found: &&SourceManifest| is_same_source(&found.id, id);
        let nearness = |found: &&SourceManifest| {
            let common = found.file.parts().zip(folder.parts());
            let common = common.take_while(|(a, b)| a == b).count();
            (
                files.contains(&found.file),
                common,
                std::cmp::Reverse(found.file.clone()),
            )
        };
        self.survey.sources.iter().filter(is_named).max_by_key(nearness)
    }
}

/// A candidate whose only Kustomization points at itself is a part of a cluster if it lies in another candidate, or in a folder
/// that a Kustomization outside of it builds.
fn forget_own_of_parts(candidates: &mut [Candidate], targets: &Targets) {
    let folders: HashSet<RepoPath> = candidates
        .iter()
        .filter(|candidate| candidate.own.is_none())
        .map(|candidate| candidate.folder.clone())
        .collect();
    for candidate in candidates {
        let Some(own) = &candidate.own else { continue };
        let is_own = |view: &Kustomization| view.id == own.id;
        if !candidate.kustomizations.iter().all(is_own) {
            continue;
        }
        let is_built = |folder: &RepoPath| {
            let mut pointers = targets.get(folder).into_iter().flatten();
            pointers.any(|(file, _)| !file.starts_with(&candidate.folder))
        };
        let around = candidate.folder.ancestors().skip(1);
        let mut around = around.filter(|folder| !folder.is_root());
        if around.any(|folder| folders.contains(&folder) || is_built(&folder)) {
            candidate.own = None;
        }
    }
}

/// Nothing substitutes variables in an entry that no Kustomization points at. If any candidate has a path without variables,
/// those that have only paths with variables are parts or left over, unless they lie beside such a candidate.
fn keep_filled(candidates: &mut Vec<Candidate>) {
    let is_filled = |candidate: &Candidate| {
        let mut paths = candidate.kustomizations.iter().map(|view| &view.path);
        paths.any(|path| !path.contains("${"))
    };
    let filled = candidates.iter().filter(|candidate| is_filled(candidate));
    let alike = Alike::new(filled.map(|candidate| &candidate.folder));
    if candidates.iter().any(is_filled) {
        candidates.retain(|candidate| is_filled(candidate) || alike.has(&candidate.folder));
    }
}

/// If any candidate references a source that the repository defines, those that reference none are left over.
fn keep_sourced(candidates: &mut Vec<Candidate>, survey: &Survey) {
    let stated: HashSet<(&str, &str)> = survey
        .sources
        .iter()
        .map(|stated| (stated.id.kind.as_str(), stated.id.name.as_str()))
        .collect();
    let is_sourced = |candidate: &Candidate| {
        let own = candidate.kustomizations.iter();
        let mut sources = own
            .filter(|view| !survey.is_elsewhere(view))
            .filter_map(|view| view.source.as_ref());
        sources.any(|source| stated.contains(&(source.id.kind.as_str(), source.id.name.as_str())))
    };
    if candidates.iter().any(is_sourced) {
        candidates.retain(is_sourced);
    }
}

/// If there are `clusters` folders, candidates outside of folders that contain clusters are parts or left over.
fn keep_cluster_folders(candidates: &mut Vec<Candidate>) {
    let is_in = |candidate: &Candidate, places: &[&str]| {
        let folder = candidate.folder.parent().unwrap_or_default();
        folder.parts().any(|part| places.contains(&part))
    };
    let mut all = candidates.iter();
    if all.any(|candidate| is_in(candidate, &["clusters"])) {
        candidates.retain(|candidate| is_in(candidate, &CLUSTER_FOLDERS));
    }
}

/// A folder for clusters that does not build, since it would apply each of them, is no cluster if one in it builds.
fn drop_failing_places(candidates: &mut Vec<Candidate>) {
    let built = candidates.iter().filter(|candidate| candidate.is_built);
    let places: HashSet<RepoPath> = built.filter_map(|candidate| candidate.folder.parent()).collect();
    let is_failing_place = |candidate: &Candidate| {
        !candidate.is_built && is_place(&candidate.folder) && places.contains(&candidate.folder)
    };
    candidates.retain(|candidate| candidate.own.is_some() || !is_failing_place(candidate));
}

/// Of nested folders the one that points at itself counts, or else the one with most Kustomizations, or else the outer one.
fn drop_nested(candidates: &mut Vec<Candidate>) {
    candidates.sort_by_key(|candidate| {
        (
            candidate.own.is_none(),
            std::cmp::Reverse(candidate.kustomizations.len()),
            candidate.folder.parts().count(),
            candidate.folder.clone(),
        )
    });
    let (mut own, mut others) = (Folders::default(), Folders::default());
    candidates.retain(|candidate| {
        let is_own = candidate.own.is_some();
        let is_nested = others.touch(&candidate.folder) || (!is_own && own.touch(&candidate.folder));
        if !is_nested {
            let kept = if is_own { &mut own } else { &mut others };
            kept.insert(&candidate.folder);
        }
        !is_nested
    });
}

/// The folders that contain the bootstrap file of a cluster elsewhere.
fn bootstrapping_folders(entries: &[Entry]) -> HashSet<RepoPath> {
    let folders = entries.iter().flat_map(|entry| {
        let files = entry.bootstrap_files.iter();
        let around = files.flat_map(|file| file.ancestors().skip(1));
        around.filter(|folder| !folder.starts_with(&entry.path) && !entry.path.starts_with(folder))
    });
    folders.collect()
}

/// Folders that contain clusters, around entries and around the folders of entries.
struct Alike {
    places: HashSet<RepoPath>,
    outer: HashSet<RepoPath>,
}

impl Alike {
    fn new<'p>(entries: impl Iterator<Item = &'p RepoPath>) -> Self {
        let parents: Vec<RepoPath> = entries.filter_map(RepoPath::parent).collect();
        Alike {
            outer: parents.iter().filter_map(outer_place).collect(),
            places: parents.into_iter().filter(is_place).collect(),
        }
    }

    /// Whether a folder lies in one of them as the entries do.
    fn has(&self, folder: &RepoPath) -> bool {
        folder.parent().is_some_and(|parent| {
            let outer = outer_place(&parent);
            self.places.contains(&parent) || outer.is_some_and(|outer| self.outer.contains(&outer))
        })
    }
}

fn outer_place(parent: &RepoPath) -> Option<RepoPath> {
    parent.parent().filter(is_place)
}

pub(super) fn is_place(path: &RepoPath) -> bool {
    let name = path.file_name();
    name.is_some_and(|name| CLUSTER_FOLDERS.contains(&name))
}

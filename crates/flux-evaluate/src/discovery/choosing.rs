//! Of the folders that may be cluster entries, those that are.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use source_tree::RepoPath;

use super::candidates::{CLUSTER_FOLDERS, Candidate, Search};
use super::folders::Folders;
use super::root_files;
use super::shared_bases;
use super::survey::{Stated, StatedSource, Survey};
use super::twins::Twins;
use super::{Entry, EntryKind, SyncSource};
use crate::flux::Kustomization;

/// Folders that are pointed at, with the files that do, and whether their paths hold variables.
type Targets = HashMap<RepoPath, Vec<(RepoPath, bool)>>;

impl Search<'_> {
    /// The entries that stand beside those of which bootstrapping tells, and all where it tells of none.
    pub(super) fn entries(&self, bootstrapped: &[Entry]) -> Vec<Entry> {
        let mut candidates = self.candidates();
        let mut of_files: Vec<Entry> = Vec::new();
        candidates.retain(|candidate| {
            let entries = root_files::find(self.survey, &candidate.folder);
            let is_one = entries.is_empty();
            of_files.extend(entries);
            is_one
        });
        let bootstrapped: Vec<Entry> = bootstrapped.iter().chain(&of_files).cloned().collect();
        // What stands beside the file that bootstraps a cluster elsewhere is applied by nobody.
        let bootstrapping = bootstrapping_folders(&bootstrapped);
        candidates.retain(|candidate| !bootstrapping.contains(&candidate.folder));
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
            let alike = Alike::to(own.iter());
            let twins = Twins::of(self.survey, own.iter());
            candidates.retain(|candidate| {
                own.contains(&candidate.folder) || alike.has(&candidate.folder) || twins.have(candidate, self)
            });
        }
        drop_nested(&mut candidates);
        let known: Folders = bootstrapped.iter().map(|entry| &entry.path).collect();
        candidates.retain(|candidate| !known.touch(&candidate.folder));
        let is_at_work = candidates.iter().any(|candidate| {
            (candidate.own.is_some() && candidate.has_others) || self.builds_here(candidate)
        });
        let sources: Vec<Option<&StatedSource>> = candidates
            .iter()
            .map(|candidate| self.source_of(candidate))
            .collect();
        let mut entries: Vec<Entry> = candidates
            .into_iter()
            .zip(&sources)
            .map(|(candidate, source)| self.entry(candidate, *source))
            .collect();
        let source_files = sources.iter().map(|source| source.map(|found| &found.file));
        shared_bases::join(&mut entries, source_files);
        entries.extend(of_files);
        if !is_at_work && bootstrapped.is_empty() {
            entries = self.with_kustomization_roots(entries);
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries
    }

    /// What a folder that a caller names would be as an entry.
    pub(super) fn entry_at(&self, folder: &RepoPath) -> Entry {
        match self.candidate(folder.clone()) {
            Some(candidate) => {
                let source = self.source_of(&candidate);
                self.entry(candidate, source)
            }
            None => Entry {
                kind: EntryKind::KustomizationRoot,
                ..Entry::bare(folder.clone())
            },
        }
    }

    /// Folders that Kustomizations point at.
    fn targets(&self, candidates: &[Candidate]) -> Targets {
        let mut targets = Targets::default();
        let local = |view: &Kustomization| view.kube_config.is_none() && !self.survey.is_elsewhere(view);
        for Stated { file, view, has_path } in &self.survey.stated {
            if *has_path && local(view) {
                for target in self.survey.resolve_all(file, &view.path) {
                    let pointer = (file.clone(), view.path.contains("${"));
                    targets.entry(target).or_default().push(pointer);
                }
            }
        }
        for candidate in candidates {
            let inside = candidate.folder.join("x");
            for view in candidate.kustomizations.iter().filter(|view| local(view)) {
                for target in self.survey.resolve_all(&inside, &view.path) {
                    let pointer = (inside.clone(), view.path.contains("${"));
                    targets.entry(target).or_default().push(pointer);
                }
            }
        }
        targets
    }

    /// Drops what a Kustomization elsewhere points at, or at a folder around it.
    fn drop_parts(&self, candidates: &mut Vec<Candidate>, own: &BTreeSet<RepoPath>, targets: &Targets) {
        // One that points at itself stays, whatever points at it besides, as long as no other such entry does.
        let held_by_own: HashMap<&RepoPath, HashSet<RepoPath>> = own
            .iter()
            .map(|folder| (folder, self.survey.held(folder)))
            .collect();
        candidates.retain(|candidate| {
            let held = self.survey.held(&candidate.folder);
            let inside = candidate.folder.join("x");
            let around = candidate.folder.ancestors();
            let mut pointers = around
                .filter(|folder| !folder.is_root())
                .filter_map(|folder| targets.get(&folder))
                .flatten()
                .filter(|(file, _)| *file != inside)
                // What it holds itself does not make it a part. With variables in its path, what clusters have in common points
                // at each of them.
                .filter(|(file, is_open)| {
                    !(*is_open || file.starts_with(&candidate.folder)) || !held.contains(file)
                })
                .map(|(file, _)| file);
            if candidate.own.is_some() {
                !pointers.any(|file| {
                    held_by_own
                        .iter()
                        .any(|(folder, held)| **folder != candidate.folder && held.contains(file))
                })
            } else {
                pointers.next().is_none()
            }
        });
    }

    /// Whether any path of a candidate's Kustomizations is a folder of this repository.
    pub(super) fn builds_here(&self, candidate: &Candidate) -> bool {
        let inside = candidate.folder.join("x");
        candidate.kustomizations.iter().any(|view| {
            let resolved = || self.survey.resolve(&inside, &view.path);
            let is_here = view.path.contains("${")
                || resolved().is_some_and(|(root, target)| target != root && target != candidate.folder);
            is_here && !self.survey.is_elsewhere(view)
        })
    }

    /// An entry, whose own Kustomization names a source.
    fn entry(&self, candidate: Candidate, source: Option<&StatedSource>) -> Entry {
        let own = candidate.own.as_ref();
        let reference = own.and_then(|own| own.source.as_ref());
        let sync = reference.map(|reference| SyncSource {
            id: reference.id.clone(),
            source: source.map(|found| found.view.clone()).unwrap_or_default(),
        });
        let is_own = |stated: &&Stated| own.is_some_and(|own| own.id.name == stated.view.id.name);
        let mut pointers = self
            .survey
            .pointers_at(&candidate.folder)
            .map(|(_, stated)| stated);
        let pointer = pointers.find(is_own).map(|stated| &stated.file);
        let beside = source.map(|found| &found.file);
        let beside = beside.filter(|file| file.starts_with(&candidate.folder));
        Entry {
            root: candidate.root,
            sync: sync.into_iter().collect(),
            bootstrap_files: pointer.into_iter().chain(beside).cloned().collect(),
            ..Entry::bare(candidate.folder)
        }
    }

    /// The statement of a source that the Kustomization of an entry names. Clusters have sources of one name, each with its own.
    fn source_of(&self, candidate: &Candidate) -> Option<&StatedSource> {
        let id = &candidate.own.as_ref()?.source.as_ref()?.id;
        let folder = &candidate.folder;
        let held = self.survey.held(folder);
        let named = |found: &&StatedSource| {
            found.id.kind == id.kind
                && found.id.name == id.name
                && (found.id.namespace == id.namespace || found.id.namespace.is_empty())
        };
        let nearness = |found: &&StatedSource| {
            let common = found.file.parts().zip(folder.parts());
            let common = common.take_while(|(a, b)| a == b).count();
            (
                held.contains(&found.file),
                common,
                std::cmp::Reverse(found.file.clone()),
            )
        };
        self.survey.sources.iter().filter(named).max_by_key(nearness)
    }
}

/// One that points at itself and at nothing else is a part that somebody has applied apart, and no cluster, where it lies in another
/// candidate or in what a Kustomization outside of it builds.
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
        let mut around = candidate
            .folder
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.is_root());
        if around.any(|folder| folders.contains(&folder) || is_built(&folder)) {
            candidate.own = None;
        }
    }
}

/// Nothing fills in the variables of an entry that no Kustomization points at. Where any candidate has a path without
/// them, those that have none are parts of something, or left over, but for those that stand beside it.
fn keep_filled(candidates: &mut Vec<Candidate>) {
    let is_filled = |candidate: &Candidate| {
        let mut paths = candidate.kustomizations.iter().map(|view| &view.path);
        paths.any(|path| !path.contains("${"))
    };
    let filled = candidates.iter().filter(|candidate| is_filled(candidate));
    let alike = Alike::to(filled.map(|candidate| &candidate.folder));
    if candidates.iter().any(is_filled) {
        candidates.retain(|candidate| is_filled(candidate) || alike.has(&candidate.folder));
    }
}

/// Where any candidate names a source that the repository states, those that name none of them are left over.
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

/// Where there are `clusters` folders, what else holds Kustomizations is a part of them, or left over, unless it stands where
/// other clusters do.
fn keep_cluster_folders(candidates: &mut Vec<Candidate>) {
    let stands_in = |candidate: &Candidate, places: &[&str]| {
        let folder = candidate.folder.parent().unwrap_or_default();
        folder.parts().any(|part| places.contains(&part))
    };
    if candidates
        .iter()
        .any(|candidate| stands_in(candidate, &["clusters"]))
    {
        candidates.retain(|candidate| stands_in(candidate, &CLUSTER_FOLDERS));
    }
}

/// Of folders in each other the one that points at itself counts, else the one that holds most, else the outer one.
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

/// The folders that hold the file which bootstraps a cluster elsewhere.
fn bootstrapping_folders(entries: &[Entry]) -> HashSet<RepoPath> {
    let mut found = HashSet::default();
    for entry in entries {
        let around = entry
            .bootstrap_files
            .iter()
            .flat_map(|file| file.ancestors().skip(1));
        found.extend(
            around.filter(|folder| !folder.starts_with(&entry.path) && !entry.path.starts_with(folder)),
        );
    }
    found
}

/// Where clusters stand: what stands as entries do, beside one of them or beside the folder around it.
struct Alike {
    places: HashSet<RepoPath>,
    outer: HashSet<RepoPath>,
}

impl Alike {
    fn to<'p>(entries: impl Iterator<Item = &'p RepoPath>) -> Self {
        let parents: Vec<RepoPath> = entries.filter_map(RepoPath::parent).collect();
        Alike {
            outer: parents.iter().filter_map(outer_place).collect(),
            places: parents.into_iter().filter(is_place).collect(),
        }
    }

    fn has(&self, folder: &RepoPath) -> bool {
        let Some(parent) = folder.parent() else {
            return false;
        };
        let outer = outer_place(&parent);
        self.places.contains(&parent) || outer.is_some_and(|outer| self.outer.contains(&outer))
    }
}

fn outer_place(parent: &RepoPath) -> Option<RepoPath> {
    parent.parent().filter(is_place)
}

fn is_place(path: &RepoPath) -> bool {
    path.file_name()
        .is_some_and(|name| CLUSTER_FOLDERS.contains(&name))
}

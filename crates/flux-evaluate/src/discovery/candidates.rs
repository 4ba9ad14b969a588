//! Folders that may be cluster entries though no file of bootstrapping names them.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashSet;
use source_tree::RepoPath;
use yaml_node::Node;

use super::environments::environment;
use super::left_over::is_template;
use super::manifests::Manifests;
use super::survey::{KustomizationManifest, Survey};
use crate::KustomizationId;
use crate::flux::{self, Kind, Kustomization};

/// Folders that contain clusters: folders beside an entry in these are entries too.
pub(super) const CLUSTER_FOLDERS: [&str; 4] = ["clusters", "environments", "envs", "fleet"];

/// A folder whose build contains Kustomizations.
pub(super) struct Candidate {
    pub(super) folder: RepoPath,
    /// The folder that the paths of its Kustomizations start from.
    pub(super) root: RepoPath,
    pub(super) kustomizations: Vec<Kustomization>,
    /// The Kustomization whose path is the folder: one of them, or one in a file of the folder that is not listed.
    pub(super) own: Option<Kustomization>,
    /// Whether it builds.
    pub(super) is_built: bool,
    /// Whether its build contains anything but Kustomizations and sources.
    pub(super) has_others: bool,
}

/// Search for entries by the lists of kustomization files and the paths of Kustomizations.
pub(super) struct Search<'m> {
    pub(super) manifests: &'m Manifests,
    pub(super) survey: &'m Survey,
}

impl Search<'_> {
    /// The folder that is pushed as an artifact and reconciled as a whole, by a file in it: the outermost candidate whose build
    /// contains the file. If none does, the file may lie outside of it, and the only candidate is meant.
    pub(super) fn artifact_around(&self, file: &RepoPath) -> Option<RepoPath> {
        let candidates = self.candidates();
        let around = candidates
            .iter()
            .filter(|candidate| self.survey.files_in_build(&candidate.folder).contains(file));
        let outermost = around.min_by_key(|candidate| candidate.folder.parts().count());
        let found = outermost.or(match candidates.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        found.map(|candidate| candidate.folder.clone())
    }

    /// Whether a file is switched off: no kustomization file lists the nearest Kustomizations that would apply it, though
    /// another Kustomization reconciles its own folder.
    pub(super) fn is_switched_off(&self, file: &RepoPath) -> bool {
        let pointers = self.survey.stated.iter().filter_map(|stated| {
            let (root, target) = self.survey.resolve(&stated.file, &stated.view.path)?;
            let applies_it = !self.survey.is_elsewhere(&stated.view)
                && stated.view.source.is_some()
                && target != root
                && file.starts_with(&target);
            applies_it.then(|| (target.parts().count(), stated))
        });
        let pointers: Vec<(usize, &KustomizationManifest)> = pointers.collect();
        let nearest = pointers.iter().map(|(depth, _)| *depth).max();
        // The nearest kustomization file around it names neither the file nor a folder on the way.
        let is_unlisted = |stated: &KustomizationManifest| {
            let is_open = |folder: &RepoPath| !self.survey.has_kustomization_file(folder);
            let mut around = stated.file.ancestors().skip(1);
            let on_the_way = |path: &RepoPath| *path == stated.file || is_open(path);
            let mut way = stated.file.ancestors().take_while(on_the_way);
            around.any(|folder| !is_open(&folder)) && !way.any(|path| self.survey.is_listed(&path))
        };
        nearest.is_some()
            && self.survey.self_pointed().next().is_some()
            && pointers
                .iter()
                .filter(|(depth, _)| Some(*depth) == nearest)
                .all(|(_, stated)| is_unlisted(stated))
    }

    /// The folders with most manifests, to suggest if there is no entry at all.
    pub(super) fn suggestions(&self) -> Vec<RepoPath> {
        const MAX_SUGGESTIONS: usize = 5;
        let mut count: BTreeMap<RepoPath, usize> = BTreeMap::new();
        let has_objects = |file: &RepoPath| {
            let text = self.manifests.sources.text(file);
            text.is_ok_and(|text| text.contains("apiVersion:"))
        };
        for file in &self.manifests.files {
            let is_counted = |folder: &RepoPath| {
                !self.manifests.is_left_over(folder)
                    && !self.manifests.is_in_chart(folder)
                    && has_objects(&file.path)
            };
            if let Some(folder) = file.path.parent().filter(is_counted) {
                *count.entry(folder).or_default() += 1;
            }
        }
        most_counted(count).take(MAX_SUGGESTIONS).collect()
    }

    fn is_in_use(&self, path: &RepoPath) -> bool {
        self.survey.with_left_overs || !self.manifests.is_left_over(path)
    }

    /// Every folder whose build contains Kustomizations and that no kustomization file lists.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        let mut folders = self.survey.folders_with_kustomizations();
        folders.retain(|folder| self.is_top(folder));
        let mut own = BTreeSet::new();
        // A Kustomization that points at its own folder makes that a candidate.
        for target in self.survey.self_pointed() {
            let files = self.survey.files_in_build(target);
            let is_in_build = |(_, stated): (&RepoPath, &KustomizationManifest)| {
                files.contains(&stated.file) || self.is_applied_by_hand(target, stated)
            };
            if !self.survey.is_listed(target)
                && self.is_in_use(target)
                && self.survey.pointers_at(target).any(is_in_build)
            {
                own.insert(target.clone());
            }
        }
        folders.retain(|folder| !own.contains(folder));
        let mut folders = self.lift_to_clusters(folders);
        folders.append(&mut own);
        folders
            .into_iter()
            .filter_map(|folder| self.candidate(folder))
            .collect()
    }

    /// Whether somebody applies a Kustomization by hand that points at its own folder, though the folder's build does not
    /// contain it. Several that one cluster could have are parts of that cluster.
    fn is_applied_by_hand(&self, folder: &RepoPath, stated: &KustomizationManifest) -> bool {
        let lies_beside = |folder: &RepoPath, stated: &KustomizationManifest| {
            stated.file.parent().as_ref() == Some(folder) && !self.survey.is_listed(&stated.file)
        };
        let is_bootstrap = |stated: &KustomizationManifest| {
            let source = stated.view.source.as_ref();
            source.is_some_and(|source| source.id.name == stated.view.id.name)
        };
        let is_another = |other: &RepoPath| {
            let mut pointers = self.survey.pointers_at(other);
            other != folder
                && pointers.any(|(_, other_stated)| {
                    lies_beside(other, other_stated) && other_stated.view.id != stated.view.id
                })
        };
        lies_beside(folder, stated)
            && self.survey.has_kustomization_file(folder)
            && (is_bootstrap(stated) || !self.survey.self_pointed().any(is_another))
    }

    pub(super) fn is_top(&self, folder: &RepoPath) -> bool {
        let file = self.survey.kustomizations.get(folder);
        self.is_in_use(folder)
            && !self.survey.is_listed(folder)
            && !file.is_some_and(|file| file.is_component)
    }

    /// Replaces folders deep below `clusters` by the folder of their cluster, if that has no kustomization file: they are
    /// parts of it, unless they define the same Kustomization twice, which no cluster can have.
    fn lift_to_clusters(&self, folders: BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
        let mut parts: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
        let mut lifted = BTreeSet::new();
        for folder in folders {
            let is_cluster = |folder: &RepoPath| {
                let parent = folder.parent().unwrap_or_default();
                parent.file_name() == Some("clusters")
            };
            match folder.ancestors().filter(is_cluster).last() {
                Some(cluster) if cluster != folder => parts.entry(cluster).or_default().push(folder),
                _ => {
                    lifted.insert(folder);
                }
            }
        }
        for (cluster, parts) in parts {
            let stated = parts
                .iter()
                .flat_map(|part| self.survey.stated_by(&self.survey.files_in_build(part)));
            let sourced = stated.filter(|stated| stated.view.source.is_some());
            let all: Vec<&KustomizationId> = sourced.map(|stated| &stated.view.id).collect();
            let distinct: HashSet<&KustomizationId> = all.iter().copied().collect();
            let repeats = distinct.len() < all.len();
            let is_numbered = parts.iter().all(|part| {
                let name = part.file_name().unwrap_or_default();
                name.bytes().all(|byte| byte.is_ascii_digit()) || environment(&RepoPath::new(name)).is_some()
            });
            if repeats || is_numbered || !self.is_generated(&cluster) {
                lifted.extend(parts);
            } else {
                lifted.insert(cluster);
            }
        }
        lifted
    }

    /// Whether a folder without kustomization file builds as a whole: no folder in it is listed from elsewhere.
    fn is_generated(&self, folder: &RepoPath) -> bool {
        let mut queue = vec![folder];
        while let Some(folder) = queue.pop() {
            if self.survey.has_kustomization_file(folder) {
                if !self.is_top(folder) {
                    return false;
                }
                continue;
            }
            queue.extend(self.survey.sub_folders(folder));
        }
        !self.survey.has_kustomization_file(folder)
    }

    /// The candidate of a folder, by its build; by the objects as written if it does not build.
    pub(super) fn candidate(&self, folder: RepoPath) -> Option<Candidate> {
        let is_other =
            |object: &Node| !matches!(flux::kind(object), Some(Kind::Kustomization | Kind::Source));
        let built = self.manifests.build(&folder);
        let is_built = built.is_some();
        let (has_others, mut kustomizations): (bool, Vec<Kustomization>) = match built {
            Some(objects) => (
                objects.iter().any(is_other),
                objects.iter().filter_map(kustomization).collect(),
            ),
            None => {
                let stated = self
                    .survey
                    .stated_by(&self.survey.files_in_build(&folder))
                    .into_iter();
                (true, stated.map(|stated| stated.view.clone()).collect())
            }
        };
        kustomizations.retain(|kustomization| kustomization.source.is_some());
        if kustomizations.is_empty() {
            let pointers = self.survey.pointers_at(&folder);
            let by_hand = pointers.filter(|(_, stated)| self.is_applied_by_hand(&folder, stated));
            kustomizations.extend(by_hand.map(|(_, stated)| stated.view.clone()));
        }
        if kustomizations.is_empty() {
            return None;
        }
        let mut roots: BTreeMap<RepoPath, usize> = BTreeMap::new();
        let mut own = None;
        // Paths in an artifact of an ArtifactGenerator are not folders of this repository.
        let is_generated = |view: &&Kustomization| {
            let source = view.source.as_ref();
            source.is_some_and(|source| source.id.kind == "ExternalArtifact")
        };
        let is_here = |view: &&Kustomization| !is_generated(view) && !self.survey.is_elsewhere(view);
        for kustomization in kustomizations.iter().filter(is_here) {
            let Some((root, target)) = self.survey.resolve(&folder.join("x"), &kustomization.path) else {
                continue;
            };
            if target == folder && !folder.is_root() {
                own = Some((root, kustomization.clone()));
            } else if target != root {
                *roots.entry(root).or_default() += 1;
            }
        }
        let unlisted = || {
            let mut pointers = self.survey.pointers_at(&folder);
            let (root, stated) = pointers.find(|(_, stated)| !self.survey.is_listed(&stated.file))?;
            Some((root.clone(), stated.view.clone()))
        };
        let (root, own) = match own.or_else(unlisted) {
            Some((root, own)) => (root, Some(own)),
            None => (most_counted(roots).next().unwrap_or_default(), None),
        };
        Some(Candidate {
            folder,
            root,
            kustomizations,
            own,
            is_built,
            has_others,
        })
    }
}

fn kustomization(object: &Node) -> Option<Kustomization> {
    let is_kustomization = flux::kind(object) == Some(Kind::Kustomization) && !is_template(object);
    is_kustomization.then(|| Kustomization::unreported(object, flux::DEFAULT_NAMESPACE))
}

/// Folders by their count, the largest first.
fn most_counted(count: BTreeMap<RepoPath, usize>) -> impl Iterator<Item = RepoPath> {
    let mut folders: Vec<(RepoPath, usize)> = count.into_iter().collect();
    folders.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    folders.into_iter().map(|(folder, _)| folder)
}

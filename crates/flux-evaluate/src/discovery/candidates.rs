//! Cluster entries where no file of bootstrapping names them.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use source_tree::{ObjectRef, RepoPath};
use yaml_node::Node;

use super::environments::environment;
use super::left_over::is_left_over;
use super::manifests::Manifests;
use super::root_files;
use super::survey::{Stated, StatedSource, Survey};
use super::{Entry, EntryKind, SyncSource};
use crate::flux::{self, Fields, Kind, Kustomization};

/// Folders beside an entry in these are entries of their own kind.
pub(super) const CLUSTER_FOLDERS: [&str; 4] = ["clusters", "environments", "envs", "fleet"];

/// A folder whose build holds Kustomizations.
struct Candidate {
    folder: RepoPath,
    /// The folder that the paths of its Kustomizations start from.
    root: RepoPath,
    kustomizations: Vec<Kustomization>,
    /// The Kustomization whose path is the folder: one of them, or one in a file of the folder that nothing lists.
    own: Option<Kustomization>,
    /// Whether its build holds anything but Kustomizations and sources.
    has_others: bool,
}

/// Looks for entries by what kustomization files list and Kustomizations point at.
pub(super) struct Search<'m> {
    pub(super) manifests: &'m Manifests,
    pub(super) survey: &'m Survey,
    /// Whether folders count whose names tell that they are not in use.
    pub(super) with_left_overs: bool,
}

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
        let own: BTreeSet<RepoPath> = candidates
            .iter()
            .filter(|candidate| candidate.own.is_some())
            .map(|candidate| candidate.folder.clone())
            .chain(bootstrapped.iter().map(|entry| entry.path.clone()))
            .collect();
        self.drop_parts(&mut candidates, &own);
        if own.is_empty() {
            keep_filled(&mut candidates);
            keep_sourced(&mut candidates, self.survey);
            keep_cluster_folders(&mut candidates);
        } else {
            candidates.retain(|candidate| {
                own.contains(&candidate.folder)
                    || own.iter().any(|entry| stand_alike(entry, &candidate.folder))
            });
        }
        drop_nested(&mut candidates);
        candidates.retain(|candidate| !bootstrapped.iter().any(|entry| candidate.is_around(&entry.path)));
        let is_at_work = candidates.iter().any(|candidate| {
            (candidate.own.is_some() && candidate.has_others) || self.builds_here(candidate)
        });
        let mut entries: Vec<Entry> = candidates
            .into_iter()
            .map(|candidate| self.entry(candidate))
            .collect();
        entries.extend(of_files);
        if !is_at_work && bootstrapped.is_empty() {
            let roots = self.kustomization_roots(&entries);
            let built = entries.iter().map(|entry| {
                let objects = self.manifests.build(&entry.path).unwrap_or_default();
                (entry.path.clone(), objects)
            });
            let built: Vec<(RepoPath, Vec<Node>)> = built.chain(roots).collect();
            let mut alternatives = alternatives(&built);
            alternatives.extend(self.overlays_of_one_base(&built));
            let running: HashMap<RepoPath, HashSet<ObjectRef>> = built
                .iter()
                .map(|(folder, objects)| (folder.clone(), running(objects)))
                .collect();
            let roots = built.into_iter().skip(entries.len()).map(|(folder, _)| folder);
            entries = by_environment(entries, roots.collect(), &alternatives, &running);
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries
    }

    /// What a folder that a caller names would be as an entry.
    pub(super) fn entry_at(&self, folder: &RepoPath) -> Entry {
        match self.candidate(folder.clone()) {
            Some(candidate) => self.entry(candidate),
            None => Entry {
                kind: EntryKind::KustomizationRoot,
                ..Entry::bare(folder.clone())
            },
        }
    }

    /// The folder that is pushed as an artifact and reconciled as a whole, where only a file is known that lies in it: the
    /// outermost one that holds the file and Kustomizations. Where none does, the file may lie apart, and the only folder
    /// with Kustomizations is meant.
    pub(super) fn artifact_around(&self, file: &RepoPath) -> Option<RepoPath> {
        let candidates = self.candidates();
        let around = candidates
            .iter()
            .filter(|candidate| self.survey.held(&candidate.folder).contains(file));
        let outermost = around.min_by_key(|candidate| candidate.folder.parts().count());
        let found = outermost.or(match candidates.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        found.map(|candidate| candidate.folder.clone())
    }

    /// Whether a file is switched off: the Kustomizations that would apply the folder around it are not listed where others are,
    /// and another one reconciles the folder in which it lies.
    pub(super) fn is_switched_off(&self, file: &RepoPath) -> bool {
        let pointers = self.survey.stated.iter().filter_map(|stated| {
            let (root, target) = self.survey.resolve(&stated.file, &stated.view.path)?;
            let applies_it = stated.view.source.is_some() && target != root && file.starts_with(&target);
            applies_it.then(|| (target.parts().count(), stated))
        });
        let pointers: Vec<(usize, &Stated)> = pointers.collect();
        let nearest = pointers.iter().map(|(depth, _)| *depth).max();
        // The nearest kustomization file around it names neither the file nor a folder on the way.
        let is_unlisted = |stated: &Stated| {
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

    /// Folders that may be worth naming, where there is no entry at all.
    pub(super) fn suggestions(&self) -> Vec<RepoPath> {
        const ENOUGH: usize = 5;
        let mut count: BTreeMap<RepoPath, usize> = BTreeMap::new();
        for file in &self.manifests.files {
            if let Some(folder) = file.path.parent().filter(|folder| !is_left_over(folder)) {
                *count.entry(folder).or_default() += 1;
            }
        }
        let mut folders: Vec<(RepoPath, usize)> = count.into_iter().collect();
        folders.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        folders
            .into_iter()
            .take(ENOUGH)
            .map(|(folder, _)| folder)
            .collect()
    }

    fn counts(&self, path: &RepoPath) -> bool {
        self.with_left_overs || !is_left_over(path)
    }

    /// Every folder whose build holds Kustomizations and that no kustomization file lists.
    fn candidates(&self) -> Vec<Candidate> {
        let mut folders: BTreeSet<RepoPath> = self
            .survey
            .holders()
            .into_iter()
            .filter(|folder| self.is_top(folder))
            .collect();
        let mut own = BTreeSet::new();
        // A Kustomization that points at the folder in which it lies makes that one a candidate.
        for target in self.survey.self_pointed() {
            let held = self.survey.held(target);
            let is_held = |(_, stated): (&RepoPath, &Stated)| held.contains(&stated.file);
            if !self.survey.is_listed(target)
                && self.counts(target)
                && self.survey.pointers_at(target).any(is_held)
            {
                own.insert(target.clone());
            }
        }
        folders.retain(|folder| !own.contains(folder));
        let mut folders = self.lifted(folders);
        folders.append(&mut own);
        folders
            .into_iter()
            .filter_map(|folder| self.candidate(folder))
            .collect()
    }

    fn is_top(&self, folder: &RepoPath) -> bool {
        let file = self.survey.kustomizations.get(folder);
        self.counts(folder) && !self.survey.is_listed(folder) && !file.is_some_and(|file| file.is_component)
    }

    /// Folders below one of `clusters` that lists nothing itself: they are parts of that one cluster, unless they hold
    /// Kustomizations of one name, which no cluster can have twice.
    fn lifted(&self, folders: BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
        let mut parts: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
        let mut lifted = BTreeSet::new();
        for folder in folders {
            let clusters = folder.ancestors();
            let cluster = clusters
                .filter(|folder| {
                    let parent = folder.parent().unwrap_or_default();
                    parent.file_name() == Some("clusters")
                })
                .last();
            match cluster {
                Some(cluster) if cluster != folder => parts.entry(cluster).or_default().push(folder),
                _ => {
                    lifted.insert(folder);
                }
            }
        }
        for (cluster, parts) in parts {
            let mut names: HashSet<(&str, &str)> = HashSet::default();
            let mut repeats = false;
            for part in &parts {
                let held = self.survey.held(part);
                for stated in self
                    .survey
                    .stated
                    .iter()
                    .filter(|stated| held.contains(&stated.file))
                {
                    let id = &stated.view.id;
                    repeats |= stated.view.source.is_some() && !names.insert((&id.namespace, &id.name));
                }
            }
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

    /// Whether a folder without kustomization file builds as a whole: nothing in it is listed from elsewhere.
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

    /// What the build of a folder holds; as written where it does not build.
    fn candidate(&self, folder: RepoPath) -> Option<Candidate> {
        let objects = self.manifests.build(&folder);
        let is_other =
            |object: &Node| !matches!(flux::kind(object), Some(Kind::Kustomization | Kind::Source));
        let has_others = objects
            .as_ref()
            .is_none_or(|objects| objects.iter().any(is_other));
        let built = objects.map(|objects| {
            let objects = objects.iter();
            objects.filter_map(|object| self.kustomization(object)).collect()
        });
        let mut kustomizations: Vec<Kustomization> = built.unwrap_or_else(|| {
            let held = self.survey.held(&folder);
            let stated = self.survey.stated.iter();
            stated
                .filter(|stated| held.contains(&stated.file))
                .map(|stated| stated.view.clone())
                .collect()
        });
        kustomizations.retain(|kustomization| kustomization.source.is_some());
        if kustomizations.is_empty() {
            return None;
        }
        let mut roots: HashMap<RepoPath, usize> = HashMap::default();
        let mut own = None;
        // Paths in what an ArtifactGenerator copies together tell nothing of the folders here.
        let is_generated = |view: &&Kustomization| {
            let source = view.source.as_ref();
            source.is_some_and(|source| source.id.kind == "ExternalArtifact")
        };
        for kustomization in kustomizations.iter().filter(|view| !is_generated(view)) {
            let Some((root, target)) = self.survey.resolve(&folder.join("x"), &kustomization.path) else {
                continue;
            };
            if target == folder && !folder.is_root() {
                own = Some((root, kustomization.clone()));
            } else if target != root {
                *roots.entry(root).or_default() += 1;
            }
        }
        let most = |roots: HashMap<RepoPath, usize>| {
            let mut roots: Vec<(RepoPath, usize)> = roots.into_iter().collect();
            roots.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            roots.into_iter().next().map(|(root, _)| root)
        };
        let unlisted = || {
            let mut pointers = self.survey.pointers_at(&folder);
            let (root, stated) = pointers.find(|(_, stated)| !self.survey.is_listed(&stated.file))?;
            Some((root.clone(), stated.view.clone()))
        };
        let (root, own) = match own.or_else(unlisted) {
            Some((root, own)) => (root, Some(own)),
            None => (most(roots).unwrap_or_default(), None),
        };
        Some(Candidate {
            folder,
            root,
            kustomizations,
            own,
            has_others,
        })
    }

    fn kustomization(&self, object: &Node) -> Option<Kustomization> {
        if flux::kind(object) != Some(Kind::Kustomization) || super::left_over::is_template(object) {
            return None;
        }
        let mut ignored = Vec::new();
        let mut fields = Fields::new(object, self.manifests.sources.files(), &mut ignored);
        Some(Kustomization::read(object, "flux-system", &mut fields))
    }

    /// Drops what a Kustomization elsewhere points at, or at a folder around it.
    fn drop_parts(&self, candidates: &mut Vec<Candidate>, own: &BTreeSet<RepoPath>) {
        // Folders that are pointed at, with the file that does, and whether its path holds variables.
        let mut targets: HashMap<RepoPath, Vec<(RepoPath, bool)>> = HashMap::default();
        let local = |view: &Kustomization| view.kube_config.is_none();
        for Stated { file, view, has_path } in &self.survey.stated {
            if *has_path && local(view) {
                for target in self.survey.resolve_all(file, &view.path) {
                    let pointer = (file.clone(), view.path.contains("${"));
                    targets.entry(target).or_default().push(pointer);
                }
            }
        }
        for candidate in candidates.iter() {
            let inside = candidate.folder.join("x");
            for view in candidate.kustomizations.iter().filter(|view| local(view)) {
                for target in self.survey.resolve_all(&inside, &view.path) {
                    let pointer = (inside.clone(), view.path.contains("${"));
                    targets.entry(target).or_default().push(pointer);
                }
            }
        }
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
    fn builds_here(&self, candidate: &Candidate) -> bool {
        let inside = candidate.folder.join("x");
        candidate.kustomizations.iter().any(|view| {
            view.path.contains("${")
                || self
                    .survey
                    .resolve(&inside, &view.path)
                    .is_some_and(|(root, target)| target != root && target != candidate.folder)
        })
    }

    fn entry(&self, candidate: Candidate) -> Entry {
        let own = candidate.own.as_ref();
        let reference = own.and_then(|own| own.source.as_ref());
        let source = reference.and_then(|reference| self.source_of(&reference.id, &candidate.folder));
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
    fn source_of(&self, id: &ObjectRef, folder: &RepoPath) -> Option<&StatedSource> {
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

    /// Folders that build the same folder beside them: overlays of one base, of which no cluster has two.
    fn overlays_of_one_base(&self, built: &[(RepoPath, Vec<Node>)]) -> HashSet<RepoPath> {
        let mut overlays: HashMap<&RepoPath, Vec<&RepoPath>> = HashMap::default();
        for (folder, _) in built {
            let file = self.survey.kustomizations.get(folder);
            for base in file.into_iter().flat_map(|file| &file.includes) {
                let is_base = self
                    .survey
                    .kustomizations
                    .get(base)
                    .is_some_and(|file| !file.is_component);
                if is_base && base.parent() == folder.parent() {
                    overlays.entry(base).or_default().push(folder);
                }
            }
        }
        let several = overlays.into_values().filter(|folders| folders.len() > 1);
        several.flatten().cloned().collect()
    }

    /// Folders with a kustomization file that nothing lists and nothing points at, with the objects that they build to.
    fn kustomization_roots(&self, entries: &[Entry]) -> Vec<(RepoPath, Vec<Node>)> {
        let targets: HashSet<RepoPath> = self
            .survey
            .stated
            .iter()
            .filter(|stated| stated.has_path)
            .flat_map(|stated| self.survey.resolve_all(&stated.file, &stated.view.path))
            .collect();
        let mut roots: Vec<(RepoPath, Vec<Node>)> = Vec::new();
        // In this order a folder comes before those in it.
        for (folder, file) in &self.survey.kustomizations {
            let around = || folder.ancestors();
            let is_part = around()
                .any(|folder| targets.contains(&folder) || roots.iter().any(|(root, _)| *root == folder))
                || entries.iter().any(|entry| folder.starts_with(&entry.path));
            if file.is_filled && self.is_top(folder) && !is_part {
                let objects = self.manifests.build(folder).unwrap_or_default();
                if !objects.is_empty() {
                    roots.push((folder.clone(), objects));
                }
            }
        }
        roots
    }
}

impl Candidate {
    /// Whether the folder is that one, around it or in it.
    fn is_around(&self, folder: &RepoPath) -> bool {
        self.folder.starts_with(folder) || folder.starts_with(&self.folder)
    }
}

/// Nothing fills in the variables of an entry that no Kustomization points at. Where any candidate has a path without
/// them, those that have none are parts of something, or left over, but for those that stand beside it.
fn keep_filled(candidates: &mut Vec<Candidate>) {
    let is_filled = |candidate: &Candidate| {
        let mut paths = candidate.kustomizations.iter().map(|view| &view.path);
        paths.any(|path| !path.contains("${"))
    };
    let filled: Vec<RepoPath> = candidates
        .iter()
        .filter(|candidate| is_filled(candidate))
        .map(|candidate| candidate.folder.clone())
        .collect();
    if !filled.is_empty() {
        candidates.retain(|candidate| {
            is_filled(candidate) || filled.iter().any(|other| stand_alike(other, &candidate.folder))
        });
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
        let mut sources = candidate
            .kustomizations
            .iter()
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
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in std::mem::take(candidates) {
        let is_apart = |other: &Candidate| {
            !candidate.is_around(&other.folder) || (candidate.own.is_some() && other.own.is_some())
        };
        if kept.iter().all(is_apart) {
            kept.push(candidate);
        }
    }
    *candidates = kept;
}

/// Whether a folder stands where clusters stand, as an entry does: beside it, or beside the folder around it.
fn stand_alike(entry: &RepoPath, folder: &RepoPath) -> bool {
    let (Some(a), Some(b)) = (entry.parent(), folder.parent()) else {
        return false;
    };
    let is_place = |path: &RepoPath| {
        path.file_name()
            .is_some_and(|name| CLUSTER_FOLDERS.contains(&name))
    };
    let outer = |path: &RepoPath| path.parent().filter(is_place);
    (a == b && is_place(&a)) || (outer(&a).is_some() && outer(&a) == outer(&b))
}

/// Folders beside others that run the same objects for the most part: no cluster has both, so each is an environment of its own.
fn alternatives(built: &[(RepoPath, Vec<Node>)]) -> HashSet<RepoPath> {
    let mut makers: HashMap<(RepoPath, ObjectRef), Vec<&RepoPath>> = HashMap::default();
    let mut counts: HashMap<&RepoPath, usize> = HashMap::default();
    for (folder, objects) in built {
        let Some(parent) = folder.parent() else { continue };
        let running = objects.iter().map(flux::object_ref).filter(|id| runs(&id.kind));
        let ids: BTreeSet<ObjectRef> = running.collect();
        counts.insert(folder, ids.len());
        for id in ids {
            makers.entry((parent.clone(), id)).or_default().push(folder);
        }
    }
    let mut shared: HashMap<&RepoPath, usize> = HashMap::default();
    for folder in makers.into_values().filter(|folders| folders.len() > 1).flatten() {
        *shared.entry(folder).or_default() += 1;
    }
    let is_alike =
        |(folder, shared): &(&RepoPath, usize)| counts.get(folder).is_some_and(|count| shared * 2 >= *count);
    shared
        .into_iter()
        .filter(is_alike)
        .map(|(folder, _)| folder.clone())
        .collect()
}

/// The objects among them that run something.
fn running(objects: &[Node]) -> HashSet<ObjectRef> {
    let objects = objects.iter().map(flux::object_ref);
    objects.filter(|id| runs(&id.kind)).collect()
}

/// Whether objects of a kind run something: what folders of one cluster share is something else, such as a namespace.
fn runs(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "HelmRelease"
    )
}

/// Folders of one environment are one cluster, and folders that make the same object are different ones. Roots of no environment are one cluster together, and left aside where
/// there are environments. `running` is what folders run.
fn by_environment(
    entries: Vec<Entry>,
    roots: Vec<RepoPath>,
    alternatives: &HashSet<RepoPath>,
    running: &HashMap<RepoPath, HashSet<ObjectRef>>,
) -> Vec<Entry> {
    let none = HashSet::default();
    let of = |folder: &RepoPath| running.get(folder).unwrap_or(&none);
    // No cluster has one object twice.
    let is_apart = |known: &Entry, entry: &Entry| {
        known
            .folders()
            .any(|folder| !of(folder).is_disjoint(of(&entry.path)))
    };
    let roots = roots.into_iter().map(|folder| Entry {
        kind: EntryKind::KustomizationRoot,
        ..Entry::bare(folder)
    });
    let mut groups: BTreeMap<String, Entry> = BTreeMap::new();
    let mut rest: Option<Entry> = None;
    for entry in entries.into_iter().chain(roots) {
        let is_alternative = alternatives.contains(&entry.path);
        let group = environment(&entry.path).or_else(|| {
            let name = entry.path.file_name().filter(|_| is_alternative);
            name.map(str::to_owned)
        });
        let group = match group {
            Some(name) if groups.get(&name).is_some_and(|known| is_apart(known, &entry)) => {
                Some(entry.path.to_string())
            }
            group => group,
        };
        let known = match &group {
            Some(environment) => groups.get_mut(environment),
            None => rest.as_mut(),
        };
        match (known, group) {
            (Some(known), _) => known.join(entry),
            (None, Some(environment)) => {
                groups.insert(environment, entry);
            }
            (None, None) => rest = Some(entry),
        }
    }
    if groups.is_empty() {
        return rest.into_iter().collect();
    }
    groups.into_values().collect()
}

//! Folders with a kustomization file that nothing in the repository applies: something outside of it does.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashSet};
use source_tree::{ObjectRef, RepoPath};
use yaml_node::Node;

use super::candidates::Search;
use super::environments::cluster_part;
use super::flux_configurations;
use super::folders::Folders;
use super::{Entry, EntryKind};
use crate::flux;

impl Search<'_> {
    /// Entries together with the folders that nothing in the repository applies, those of one environment as one.
    pub(super) fn with_kustomization_roots(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut roots = self.kustomization_roots(&entries);
        let named = flux_configurations::find(self.manifests);
        let found: Folders = roots.iter().map(|(folder, _)| folder).collect();
        let build = |folder: RepoPath| {
            let objects = self.manifests.build(&folder).unwrap_or_default();
            (folder, objects)
        };
        // What an extension of the cluster is told to reconcile is the entry: what else nothing applies, somebody does by hand; but where
        // it is one of these, the others may be named in ways that are not read.
        let is_one_of_them = named.by_resources.iter().any(|folder| found.touch(folder));
        if !is_one_of_them && !named.by_resources.is_empty() {
            roots = named.by_resources.into_iter().map(build).collect();
        } else {
            let others = named.by_resources.into_iter().chain(named.by_commands);
            roots.extend(others.filter(|folder| !found.touch(folder)).map(build));
        }
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
        by_environment(entries, roots.collect(), &alternatives, &running)
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
            .filter(|stated| stated.has_path && !self.survey.is_elsewhere(&stated.view))
            .flat_map(|stated| {
                let targets = self
                    .survey
                    .resolve_all(&stated.file, &stated.view.path)
                    .into_iter();
                // One that lies in the folder at which it points tells nothing of what else applies that.
                targets.filter(|target| !stated.file.starts_with(target))
            })
            .collect();
        let mut roots: Vec<(RepoPath, Vec<Node>)> = Vec::new();
        let mut failing: Vec<RepoPath> = Vec::new();
        let mut known: HashSet<RepoPath> = entries.iter().map(|entry| entry.path.clone()).collect();
        // In this order a folder comes before those in it.
        for (folder, file) in &self.survey.kustomizations {
            let mut around = folder.ancestors();
            let is_part = around.any(|folder| targets.contains(&folder) || known.contains(&folder));
            if !file.is_filled || !self.is_top(folder) || is_part || self.manifests.is_in_chart(folder) {
                continue;
            }
            match self.manifests.build(folder) {
                Some(objects) if !objects.is_empty() => {
                    known.insert(folder.clone());
                    roots.push((folder.clone(), objects));
                }
                Some(_) => {}
                None => failing.push(folder.clone()),
            }
        }
        // One that does not build is an entry too, and that it fails is said there; but not where nothing else does,
        // nor where it is all that there is.
        let built: Folders = roots.iter().map(|(folder, _)| folder).collect();
        if !roots.is_empty() {
            let mut outer = Folders::default();
            failing.retain(|folder| {
                let is_entry = !folder.is_root() && !built.cover(folder) && !outer.cover(folder);
                outer.insert(folder);
                is_entry
            });
            roots.extend(failing.into_iter().map(|folder| (folder, Vec::new())));
        }
        roots
    }
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
    let roots = roots.into_iter().map(|folder| Entry {
        kind: EntryKind::KustomizationRoot,
        ..Entry::bare(folder)
    });
    let mut groups: BTreeMap<String, (Entry, HashSet<&ObjectRef>)> = BTreeMap::new();
    let mut rest: Option<Entry> = None;
    for entry in entries.into_iter().chain(roots) {
        let runs = running.get(&entry.path).unwrap_or(&none);
        let is_alternative = alternatives.contains(&entry.path);
        let group = cluster_part(&entry.path).or_else(|| {
            let name = entry.path.file_name().filter(|_| is_alternative);
            name.map(str::to_owned)
        });
        // No cluster has one object twice.
        let is_apart = |group: &String| {
            let known = groups.get(group).map(|(_, known)| known);
            known.is_some_and(|known| runs.iter().any(|id| known.contains(id)))
        };
        let group = group.map(|group| match is_apart(&group) {
            true => entry.path.to_string(),
            false => group,
        });
        let Some(group) = group else {
            match rest.as_mut() {
                Some(known) => known.join(entry),
                None => rest = Some(entry),
            }
            continue;
        };
        match groups.get_mut(&group) {
            Some((known, known_runs)) => {
                known_runs.extend(runs);
                known.join(entry);
            }
            None => {
                groups.insert(group, (entry, runs.iter().collect()));
            }
        }
    }
    if groups.is_empty() {
        return rest.into_iter().collect();
    }
    groups.into_values().map(|(entry, _)| entry).collect()
}

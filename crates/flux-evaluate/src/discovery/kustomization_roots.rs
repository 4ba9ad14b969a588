//! Folders with a kustomization file that something outside of the repository applies.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};
use source_tree::{ObjectRef, RepoPath};
use yaml_node::Node;

use super::Entry;
use super::candidates::Search;
use super::environments::cluster_part;
use super::flux_configurations;
use super::folders::Folders;
use crate::flux;

impl Search<'_> {
    /// Entries together with the folders that nothing in the repository applies, grouped by environment.
    pub(super) fn with_kustomization_roots(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut roots = self.kustomization_roots(&entries);
        let named = flux_configurations::find(self.manifests);
        let found: Folders = roots.iter().map(|(folder, _)| folder).collect();
        let build = |folder: RepoPath| {
            let objects = self.manifests.build(&folder).unwrap_or_default();
            (folder, objects)
        };
        // The folders that an extension of the cluster reconciles are the entries; the other ones are applied by hand. But
        // if one of the former is among the latter, these may be named in a way that is not read.
        let by_resources = || named.by_resources.iter().map(|(folder, _)| folder);
        let is_found = by_resources().any(|folder| found.touch(folder));
        if named.by_resources.is_empty() || is_found && named.is_open {
            let others = by_resources().chain(&named.by_commands);
            let others = others.filter(|folder| !found.touch(folder));
            roots.extend(others.cloned().map(build));
        } else {
            roots = by_resources().cloned().map(build).collect();
        }
        let files: HashMap<RepoPath, RepoPath> = named.by_resources.into_iter().collect();
        let built = entries.iter().map(|entry| build(entry.path.clone()));
        let running: Vec<Running> = built
            .chain(roots)
            .map(|(folder, objects)| (folder, running(&objects)))
            .collect();
        let mut alternatives = alternatives(&running);
        alternatives.extend(self.overlays_of_one_base(&running));
        let roots = running.iter().skip(entries.len());
        let roots = roots.map(|(folder, _)| Entry {
            named_by: files.get(folder).cloned().into_iter().collect(),
            ..Entry::assumed(folder.clone())
        });
        let roots = roots.collect();
        by_environment(entries, roots, &alternatives, &running.into_iter().collect())
    }

    /// Folders that build the same folder beside them: overlays of one base, of which no cluster has two.
    fn overlays_of_one_base(&self, built: &[Running]) -> HashSet<RepoPath> {
        let mut overlays: HashMap<&RepoPath, Vec<&RepoPath>> = HashMap::default();
        let kustomizations = &self.survey.kustomizations;
        for (folder, _) in built {
            let file = kustomizations.get(folder);
            for base in file.into_iter().flat_map(|file| &file.includes) {
                let is_base = kustomizations.get(base).is_some_and(|file| !file.is_component);
                if is_base && base.parent() == folder.parent() {
                    overlays.entry(base).or_default().push(folder);
                }
            }
        }
        let several = overlays.into_values().filter(|folders| folders.len() > 1);
        several.flatten().cloned().collect()
    }

    /// Folders with a kustomization file that nothing lists or points at, with the objects of their builds.
    fn kustomization_roots(&self, entries: &[Entry]) -> Vec<(RepoPath, Vec<Node>)> {
        let targets: HashSet<RepoPath> = self
            .survey
            .stated
            .iter()
            .filter(|stated| stated.has_path && !self.survey.is_elsewhere(&stated.view))
            .flat_map(|stated| {
                let targets = self.survey.resolve_all(&stated.file, &stated.view.path);
                // A Kustomization that points at its own folder does not show what applies that folder.
                let targets = targets.into_iter();
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
        // A folder that does not build is an entry too, where its failure is reported; but not if it lies in one that
        // builds, nor if no folder builds.
        let any_builds = !roots.is_empty();
        let is_in_use = |folder: &RepoPath| !self.manifests.is_left_over(folder);
        if failing.iter().any(is_in_use) {
            roots.retain(|(folder, _)| is_in_use(folder));
            failing.retain(is_in_use);
        }
        let built: Folders = roots.iter().map(|(folder, _)| folder).collect();
        if any_builds {
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

/// Folders of which most running objects are in another folder beside them too: no cluster has both.
fn alternatives(built: &[Running]) -> HashSet<RepoPath> {
    let mut makers: HashMap<(RepoPath, &ObjectRef), Vec<&RepoPath>> = HashMap::default();
    let mut counts: HashMap<&RepoPath, usize> = HashMap::default();
    for (folder, ids) in built {
        let Some(parent) = folder.parent() else { continue };
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

/// A folder with its objects that run something. Folders of one cluster may share other objects, such as a namespace.
type Running = (RepoPath, HashSet<ObjectRef>);

/// Kinds of objects that run something.
const RUNNING_KINDS: [&str; 6] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "HelmRelease",
];

fn running(objects: &[Node]) -> HashSet<ObjectRef> {
    let objects = objects.iter().map(flux::object_ref);
    objects
        .filter(|id| RUNNING_KINDS.contains(&id.kind.as_str()))
        .collect()
}

/// Groups folders by environment into clusters. Folders with the same running object are different clusters. Roots without
/// environment are one cluster together, and ignored if there are environments, unless a resource names them for the only one.
fn by_environment(
    entries: Vec<Entry>,
    roots: Vec<Entry>,
    alternatives: &HashSet<RepoPath>,
    running: &HashMap<RepoPath, HashSet<ObjectRef>>,
) -> Vec<Entry> {
    let none = HashSet::default();
    let mut groups: BTreeMap<String, (Entry, HashSet<&ObjectRef>)> = BTreeMap::new();
    let mut rest: Option<Entry> = None;
    for entry in entries.into_iter().chain(roots) {
        let runs = running.get(&entry.path).unwrap_or(&none);
        let is_alternative = alternatives.contains(&entry.path);
        let group = cluster_part(&entry.path).or_else(|| {
            let name = entry.path.file_name().filter(|_| is_alternative);
            name.map(str::to_owned)
        });
        let Some(mut group) = group else {
            match rest.as_mut() {
                Some(known) => known.join(entry),
                None => rest = Some(entry),
            }
            continue;
        };
        // No cluster has one object twice.
        let known = groups.get(&group).map(|(_, known)| known);
        if known.is_some_and(|known| runs.iter().any(|id| known.contains(id))) {
            group = entry.path.to_string();
        }
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
    let mut entries: Vec<Entry> = groups.into_values().map(|(entry, _)| entry).collect();
    match (entries.as_mut_slice(), rest) {
        ([], rest) => entries.extend(rest),
        ([only], Some(rest)) if !rest.named_by.is_empty() => only.join(rest),
        _ => {}
    }
    entries
}

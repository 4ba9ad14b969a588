//! Sources that are assumed to be this repository if no file of bootstrapping says which one is.
//!
//! `flux bootstrap` may leave an empty `gotk-sync.yaml`, and other ways of bootstrapping none: the source then exists only
//! in the cluster, and only references mention its name.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::{ObjectRef, RepoPath};
use yaml_node::Node;

use super::key::Key;
use super::round::Evaluator;
use super::sources::Resolved;
use super::state::State;
use super::typed_objects::TypedObjects;
use crate::Applied;
use crate::flux::{self, Fields, Kind, Kustomization, SourceRef, object_ref};

/// Sources that contain the files of a repository.
const KINDS: [&str; 3] = ["GitRepository", "OCIRepository", "Bucket"];

/// Sources without a manifest that the entry's Kustomizations or ArtifactGenerators reference, and those that a FluxInstance
/// of this repository makes. A Kustomization's path must be in the repository.
pub(super) fn bare_sources(evaluator: &Evaluator<'_>, state: &State) -> BTreeSet<ObjectRef> {
    let Some(objects) = entry_objects(evaluator, state) else {
        return BTreeSet::new();
    };
    let is_source = |id: &ObjectRef| KINDS.contains(&id.kind.as_str());
    let mut found = BTreeSet::new();
    let mut add = |objects: &[&Applied], typed: &TypedObjects<'_>| {
        for object in objects {
            let sources = referenced_sources(evaluator, object).into_iter();
            found.extend(sources.filter(|id| is_source(id) && typed.source(id).is_none()));
        }
    };
    add(&objects.first, &typed(evaluator, &objects.first));
    if !objects.of_charts.is_empty() {
        let all: Vec<&Applied> = objects.first.iter().chain(&objects.of_charts).copied().collect();
        add(&objects.of_charts, &typed(evaluator, &all));
    }
    let generated = state.generated.all();
    for object in generated.filter(|object| object.is_made_by("FluxInstance")) {
        found.extend(referenced_sources(evaluator, object));
    }
    found
}

/// The source of which all paths are folders of this repository, if there is only one.
///
/// A fork, a mirror or an export has another URL than the sources have. A source is assumed to be this repository only if no
/// source of the entry is known to be it.
pub(super) fn assumed_source(
    evaluator: &Evaluator<'_>,
    state: &State,
    bare: &BTreeSet<ObjectRef>,
) -> Option<ObjectRef> {
    let EntryObjects { first: objects, .. } = entry_objects(evaluator, state)?;
    let typed = typed(evaluator, &objects);
    let mut paths: BTreeMap<ObjectRef, Vec<String>> = BTreeMap::new();
    for object in &objects {
        let node = object.applied();
        let (source, path) = match flux::kind(node) {
            Some(Kind::Kustomization) => {
                let view = Kustomization::unreported(node, flux::DEFAULT_NAMESPACE);
                (view.source.map(|source| source.id), view.path)
            }
            Some(Kind::HelmRelease) => {
                let Some(reference) = node.at(&["spec", "chart", "spec"]) else {
                    continue;
                };
                let mut fields = Fields::unreported(node);
                let namespace = &fields.object().namespace;
                let source = SourceRef::read(&mut fields, reference, "sourceRef", namespace);
                let chart = reference.text_at(&["chart"]).unwrap_or_default();
                (source.map(|source| source.id), chart.to_owned())
            }
            _ => continue,
        };
        if let Some(source) = source.filter(|id| KINDS.contains(&id.kind.as_str())) {
            paths.entry(source).or_default().push(path);
        }
    }
    let resolve = |id: &ObjectRef| evaluator.artifacts.resolve(id, &typed, bare);
    if paths.keys().any(|id| resolve(id).sources().is_some()) {
        return None;
    }
    let own = evaluator.artifacts.own();
    let may_be_here = |path: &String| path.contains("${") || own.tree().kind(&RepoPath::new(path)).is_some();
    let mut fitting = paths.iter().filter(|(id, paths)| {
        let has_folder = paths.iter().any(|path| !RepoPath::new(path).is_root());
        matches!(resolve(id), Resolved::Unresolved(_)) && has_folder && paths.iter().all(may_be_here)
    });
    match (fitting.next(), fitting.next()) {
        (Some((only, _)), None) => Some(only.clone()),
        _ => None,
    }
}

/// The objects that the entry applies.
struct EntryObjects<'s> {
    first: Vec<&'s Applied>,
    /// Those that charts of this repository make, as far as it is known which source that is. They do not decide it: without the
    /// source they would not be there, and the choice would be made again and again.
    of_charts: Vec<&'s Applied>,
}

/// The objects that the entry applies; `None` if it is known which source is this repository.
fn entry_objects<'s>(evaluator: &Evaluator<'_>, state: &'s State) -> Option<EntryObjects<'s>> {
    if evaluator.artifacts.has_sync() {
        return None;
    }
    let joined = evaluator.joined_in_artifact.iter().cloned().map(Key::Joined);
    let objects: Vec<&'s Applied> = std::iter::once(Key::Entry)
        .chain(joined)
        .flat_map(|key| state.objects(&key).unwrap_or_default())
        .collect();
    let mut makers: BTreeMap<ObjectRef, &Applied> = BTreeMap::new();
    let made_by = objects.iter().filter_map(|object| object.generated_by.as_ref());
    let made_by: BTreeSet<&ObjectRef> = made_by.collect();
    for object in objects.iter().filter(|_| !made_by.is_empty()) {
        let id = object_ref(object.applied());
        if made_by.contains(&id) {
            makers.insert(id, object);
        }
    }
    let is_of_chart = |object: &&Applied| {
        let mut object = *object;
        // The makers of makers; more of them than there are objects would be a circle.
        for _ in 0..=makers.len() {
            let Some(maker) = object.generated_by.as_ref().and_then(|id| makers.get(id)) else {
                return false;
            };
            if may_have_chart_of_repository(maker.applied()) {
                return true;
            }
            object = maker;
        }
        false
    };
    let (of_charts, first) = objects.into_iter().partition(is_of_chart);
    Some(EntryObjects { first, of_charts })
}

/// Whether an object is a HelmRelease whose chart is a folder of a source that may be this repository.
fn may_have_chart_of_repository(node: &Node) -> bool {
    let stated = |path: &[&str]| node.text_at(path);
    flux::kind(node) == Some(Kind::HelmRelease)
        && match stated(&["spec", "chart", "spec", "sourceRef", "kind"]) {
            Some(kind) => KINDS.contains(&kind),
            None => stated(&["spec", "chartRef", "kind"]) != Some("OCIRepository"),
        }
}

/// The typed views of objects of the entry.
fn typed<'s>(evaluator: &Evaluator<'_>, objects: &[&'s Applied]) -> TypedObjects<'s> {
    let mut typed = TypedObjects::default();
    let applied = objects.iter().copied();
    typed.add(&Key::Entry, applied, &evaluator.files, &mut Vec::new());
    typed
}

/// The sources that a Kustomization or ArtifactGenerator references.
fn referenced_sources(evaluator: &Evaluator<'_>, object: &Applied) -> Vec<ObjectRef> {
    let node = object.applied();
    match flux::kind(node) {
        Some(Kind::Kustomization) => {
            let kustomization = Kustomization::unreported(node, flux::DEFAULT_NAMESPACE);
            let path = RepoPath::new(&kustomization.path);
            let own = evaluator.artifacts.own();
            // A path with a variable is not known before the entry is built with its own values.
            let is_here = own.tree().kind(&path).is_some() || kustomization.path.contains("${");
            let source = kustomization.source.filter(|_| is_here);
            source.into_iter().map(|source| source.id).collect()
        }
        Some(Kind::ArtifactGenerator) => {
            let own = object_ref(node);
            let sources = node.at(&["spec", "sources"]).map_or(&[][..], Node::items).iter();
            let sources = sources.filter_map(|source| {
                let namespace = source.text_at(&["namespace"]).unwrap_or(&own.namespace);
                let (kind, name) = (source.text_at(&["kind"])?, source.text_at(&["name"])?);
                Some(ObjectRef::new(kind, namespace, name))
            });
            sources.collect()
        }
        _ => Vec::new(),
    }
}

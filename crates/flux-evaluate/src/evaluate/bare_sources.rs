//! The sources taken for the entry's where nothing tells which source is this repository.
//!
//! `flux bootstrap` may leave an empty `gotk-sync.yaml`, and other ways of bootstrapping none: the source then stands in
//! the cluster alone, under a name that only references tell.

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

/// Sources that hold the files of a repository.
const KINDS: [&str; 3] = ["GitRepository", "OCIRepository", "Bucket"];

/// Sources that no object states and that the entry's Kustomizations or ArtifactGenerators name, and those that a
/// FluxInstance of this repository makes. A Kustomization's path must be in the repository.
pub(super) fn bare_sources(evaluator: &Evaluator<'_>, state: &State) -> BTreeSet<ObjectRef> {
    let Some((objects, typed)) = entry_objects(evaluator, state) else {
        return BTreeSet::new();
    };
    let is_stated = |id: &ObjectRef| typed.source(id).is_some();
    let mut found = BTreeSet::new();
    for object in objects {
        let named = sources_named(evaluator, object).into_iter();
        found.extend(named.filter(|id| KINDS.contains(&id.kind.as_str()) && !is_stated(id)));
    }
    let by_instance = |object: &&Applied| {
        object
            .generated_by
            .as_ref()
            .is_some_and(|by| by.kind == "FluxInstance")
    };
    for object in state.made.all().filter(by_instance) {
        found.extend(sources_named(evaluator, object));
    }
    found
}

/// The one stated source that is no other repository's as far as its paths tell: all of them are folders of this one.
///
/// A fork, a mirror or an export has another URL than the sources state. Only where no source of the entry is known to be
/// this repository is one taken for it.
pub(super) fn assumed_source(
    evaluator: &Evaluator<'_>,
    state: &State,
    bare: &BTreeSet<ObjectRef>,
) -> Option<ObjectRef> {
    let (objects, typed) = entry_objects(evaluator, state)?;
    let mut paths: BTreeMap<ObjectRef, Vec<String>> = BTreeMap::new();
    let mut ignored = Vec::new();
    for object in &objects {
        let node = object.rendered.as_ref().unwrap_or(&object.node);
        let mut fields = Fields::new(node, &evaluator.files, &mut ignored);
        let (source, path) = match flux::kind(node) {
            Some(Kind::Kustomization) => {
                let view = Kustomization::read(node, "flux-system", &mut fields);
                (view.source.map(|source| source.id), view.path)
            }
            Some(Kind::HelmRelease) => {
                let reference = node.at(&["spec", "chart", "spec"]);
                let Some(reference) = reference else { continue };
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
    let is_known = |id: &ObjectRef| {
        !matches!(
            evaluator.artifacts.resolve(id, &typed, bare),
            Resolved::Unresolved(_)
        )
    };
    if paths
        .keys()
        .any(|id| evaluator.artifacts.resolve(id, &typed, bare).sources().is_some())
    {
        return None;
    }
    let own = evaluator.artifacts.own();
    let is_here = |path: &String| !path.contains("${") && own.tree().kind(&RepoPath::new(path)).is_some();
    let mut fitting = paths.iter().filter(|(id, paths)| {
        let names_one = paths.iter().any(|path| !RepoPath::new(path).is_root());
        !is_known(id) && names_one && paths.iter().all(|path| is_here(path) || path.contains("${"))
    });
    match (fitting.next(), fitting.next()) {
        (Some((only, _)), None) => Some(only.clone()),
        _ => None,
    }
}

/// The objects that the entry applies, and their typed views; `None` where it is known which source is this repository.
fn entry_objects<'s>(
    evaluator: &Evaluator<'_>,
    state: &'s State,
) -> Option<(Vec<&'s Applied>, TypedObjects<'s>)> {
    if evaluator.artifacts.knows_sync() {
        return None;
    }
    let joined = evaluator.joined_in_artifact.iter().cloned().map(Key::Joined);
    let objects: Vec<&'s Applied> = std::iter::once(Key::Entry)
        .chain(joined)
        .flat_map(|key| state.objects(&key).unwrap_or_default())
        .collect();
    let mut typed = TypedObjects::default();
    typed.add(
        &Key::Entry,
        objects.iter().copied(),
        &evaluator.files,
        &mut Vec::new(),
    );
    Some((objects, typed))
}

fn sources_named(evaluator: &Evaluator<'_>, object: &Applied) -> Vec<ObjectRef> {
    let node = object.rendered.as_ref().unwrap_or(&object.node);
    match flux::kind(node) {
        Some(Kind::Kustomization) => {
            let mut ignored = Vec::new();
            let mut fields = Fields::new(node, &evaluator.files, &mut ignored);
            let kustomization = Kustomization::read(node, "flux-system", &mut fields);
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
            sources
                .filter_map(|source| {
                    let namespace = source.text_at(&["namespace"]).unwrap_or(&own.namespace);
                    Some(ObjectRef::new(
                        source.text_at(&["kind"])?,
                        namespace,
                        source.text_at(&["name"])?,
                    ))
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

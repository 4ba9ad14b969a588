//! Where nothing tells which source is this repository, what the entry refers to turns into the sources taken for it.
//!
//! `flux bootstrap` may leave an empty `gotk-sync.yaml`, and other ways of bootstrapping none: the source then stands in
//! the cluster alone, under a name that only references tell.

use std::collections::BTreeSet;

use source_tree::RepoPath;
use yaml_node::Node;

use super::inventory::Inventory;
use super::{Evaluator, Key, State};
use crate::Applied;
use crate::flux::{self, Fields, Kind, Kustomization, ObjectId};

/// Sources that hold the files of a repository.
const KINDS: [&str; 3] = ["GitRepository", "OCIRepository", "Bucket"];

/// Sources that no object states and that the entry's Kustomizations or ArtifactGenerators name, and those that a
/// FluxInstance of this repository makes. A Kustomization's path must be in the repository.
pub(super) fn bare_sources(evaluator: &Evaluator<'_>, state: &State) -> BTreeSet<ObjectId> {
    if evaluator.artifacts.knows_sync() {
        return BTreeSet::new();
    }
    let joined = evaluator.joined_in_artifact.iter().cloned().map(Key::Joined);
    let objects: Vec<&Applied> = std::iter::once(Key::Entry)
        .chain(joined)
        .flat_map(|key| state.objects(&key).unwrap_or_default())
        .collect();
    let mut inventory = Inventory::default();
    inventory.add(
        &Key::Entry,
        objects.iter().copied(),
        &evaluator.files,
        &mut Vec::new(),
    );
    let is_stated = |id: &ObjectId| inventory.sources.contains_key(id);
    let mut found = BTreeSet::new();
    for object in objects {
        let named = sources_named(evaluator, object).into_iter();
        found.extend(named.filter(|id| KINDS.contains(&id.kind.as_str()) && !is_stated(id)));
    }
    let by_instance = |object: &&Applied| {
        object
            .generated_by
            .as_deref()
            .is_some_and(|by| by.starts_with("FluxInstance/"))
    };
    for object in state.made.all().filter(by_instance) {
        found.extend(sources_named(evaluator, object));
    }
    found
}

fn sources_named(evaluator: &Evaluator<'_>, object: &Applied) -> Vec<ObjectId> {
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
            let own = ObjectId::of(node);
            let sources = node.at(&["spec", "sources"]).map_or(&[][..], Node::items).iter();
            sources
                .filter_map(|source| {
                    let namespace = source.text_at(&["namespace"]).unwrap_or(&own.namespace);
                    Some(ObjectId::new(
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

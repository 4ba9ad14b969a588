//! Objects that `flux bootstrap` itself applies: the Kustomization that reconciles the entry, and its source.
//!
//! No build need contain them. They have the patches of the folder that contains their file:
//! [`ReconcileSyncConfig`](https://github.com/fluxcd/flux2/blob/main/pkg/bootstrap/bootstrap_plain_git.go).

use std::collections::BTreeMap;

use source_tree::{Mark, ObjectRef, RepoPath};
use yaml_node::{Node, read_documents};

use super::build::SharedBuild;
use super::key::Key;
use super::output::Output;
use super::round::Evaluator;
use crate::Applied;
use crate::flux::{self, Kind, object_ref};
use crate::generate::{ApiVersion, kustomization_files};

/// The bootstrapped objects that no build contains.
pub(super) fn objects(evaluator: &Evaluator<'_>, outputs: &BTreeMap<Key, Output>) -> Vec<Applied> {
    let is_built = |object: &Node| built(outputs).any(|known| is_same(object, &object_ref(known)));
    let mut missing: Vec<Applied> = Vec::new();
    for file in &evaluator.entry.bootstrap_files {
        let stated = stated(evaluator, file);
        if stated.iter().all(is_built) {
            continue;
        }
        let objects = patched(evaluator, file, &stated).unwrap_or(stated);
        for object in objects.into_iter().filter(|object| !is_built(object)) {
            let id = object_ref(&object);
            if missing.iter().all(|known| object_ref(&known.node) != id) {
                missing.push(Applied::new(object, None, Mark::NONE));
            }
        }
    }
    missing
}

/// Whether an object in a file is the built one, to which a build may have given a namespace.
fn is_same(stated: &Node, built: &ObjectRef) -> bool {
    let stated = object_ref(stated);
    stated.kind == built.kind
        && stated.name == built.name
        && (stated.namespace == built.namespace || stated.namespace.is_empty())
}

fn is_bootstrapped(object: &Node) -> bool {
    matches!(flux::kind(object), Some(Kind::Kustomization | Kind::Source))
}

/// The built objects of the kinds that bootstrapping applies.
fn built(outputs: &BTreeMap<Key, Output>) -> impl Iterator<Item = &Node> {
    let built = outputs.values().filter_map(|output| output.result.as_ref().ok());
    let nodes = built.flat_map(|objects| objects.applied.iter().map(|object| &object.node));
    nodes.filter(|node| is_bootstrapped(node))
}

/// The bootstrapped objects that a file defines.
fn stated(evaluator: &Evaluator<'_>, file: &RepoPath) -> Vec<Node> {
    // The artifact of the source may exclude the file.
    let sources = Some(evaluator.repository()).filter(|sources| sources.text(file).is_ok());
    let sources = sources.unwrap_or_else(|| evaluator.whole_repository());
    let text = sources.text(file).unwrap_or_default();
    let objects = read_documents(&text, sources.file_id(file), sources.limits()).unwrap_or_default();
    let mut objects = flux::listed(objects);
    objects.retain(is_bootstrapped);
    objects
}

/// The bootstrapped objects of a folder with their patches, if its kustomization file lists their files: they are then
/// applied together.
fn patched(evaluator: &Evaluator<'_>, file: &RepoPath, stated: &[Node]) -> Option<Vec<Node>> {
    let build = folder(evaluator, file)?;
    let resources = &build.as_ref().as_ref().ok()?.resources;
    let objects = resources.iter().map(|resource| &resource.node);
    let objects: Vec<Node> = objects.filter(|node| is_bootstrapped(node)).cloned().collect();
    let is_listed = |stated: &Node| objects.iter().any(|object| is_same(stated, &object_ref(object)));
    stated.iter().any(is_listed).then_some(objects)
}

/// The build of the folder of a bootstrap file, if it has a kustomization file.
pub(super) fn folder(evaluator: &Evaluator<'_>, file: &RepoPath) -> Option<SharedBuild> {
    let sources = evaluator.artifacts.entry();
    let folder = file.parent()?.strip_prefix(&evaluator.entry.root)?;
    if kustomization_files(&sources, &folder).is_empty() {
        return None;
    }
    let spec = Node::empty_mapping();
    let builds = &evaluator.builds;
    Some(builds.get(&sources, &folder, &spec, ApiVersion::default()))
}

//! What `flux bootstrap` has applied to the cluster itself: the Kustomization that reconciles the entry, and its source.
//!
//! Nothing that Flux builds need hold them. They come with the patches of the folder in which their file lies:
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

/// Those that no build holds.
pub(super) fn objects(evaluator: &Evaluator<'_>, outputs: &BTreeMap<Key, Output>) -> Vec<Applied> {
    let files = &evaluator.entry.bootstrap_files;
    if files.is_empty() {
        return Vec::new();
    }
    let is_built = |object: &Node| built(outputs).any(|known| is_same(object, &object_ref(known)));
    let mut missing: Vec<Applied> = Vec::new();
    for file in files {
        let stated = stated(evaluator, file);
        if stated.iter().all(is_built) {
            continue;
        }
        let objects = patched(evaluator, file, &stated).unwrap_or(stated);
        for object in objects.into_iter().filter(|object| !is_built(object)) {
            let id = object_ref(&object);
            if missing.iter().all(|known| object_ref(&known.node) != id) {
                missing.push(Applied::made(object, None, Mark::NONE));
            }
        }
    }
    missing
}

/// Whether an object as it is stated is one of a build, which may have put it into a namespace.
fn is_same(stated: &Node, built: &ObjectRef) -> bool {
    let stated = object_ref(stated);
    stated.kind == built.kind
        && stated.name == built.name
        && (stated.namespace == built.namespace || stated.namespace.is_empty())
}

fn is_bootstrapped(object: &Node) -> bool {
    matches!(flux::kind(object), Some(Kind::Kustomization | Kind::Source))
}

/// What builds hold of the kinds that bootstrapping applies.
fn built(outputs: &BTreeMap<Key, Output>) -> impl Iterator<Item = &Node> {
    let built = outputs.values().filter_map(|output| output.result.as_ref().ok());
    let objects = built.flat_map(|objects| &objects.applied);
    objects
        .map(|object| &object.node)
        .filter(|node| is_bootstrapped(node))
}

/// The objects of a file as it states them.
fn stated(evaluator: &Evaluator<'_>, file: &RepoPath) -> Vec<Node> {
    // A source may leave out of its artifact what was applied by hand.
    let sources = Some(evaluator.repository()).filter(|sources| sources.text(file).is_ok());
    let sources = sources.unwrap_or_else(|| evaluator.whole_repository());
    let text = sources.text(file).unwrap_or_default();
    let objects = read_documents(&text, sources.file_id(file), sources.limits()).unwrap_or_default();
    flux::listed(objects)
        .into_iter()
        .filter(is_bootstrapped)
        .collect()
}

/// What is applied with a file where the kustomization file beside it lists it: all that Flux reconciles of that folder, with its
/// patches.
fn patched(evaluator: &Evaluator<'_>, file: &RepoPath, stated: &[Node]) -> Option<Vec<Node>> {
    let build = folder(evaluator, file)?;
    let resources = &build.as_ref().as_ref().ok()?.resources;
    let objects = resources.iter().map(|resource| &resource.node);
    let objects: Vec<Node> = objects.filter(|node| is_bootstrapped(node)).cloned().collect();
    let is_listed = |stated: &Node| objects.iter().any(|object| is_same(stated, &object_ref(object)));
    stated.iter().any(is_listed).then_some(objects)
}

/// The build of the folder in which a file of bootstrapping lies, where it has a kustomization file.
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

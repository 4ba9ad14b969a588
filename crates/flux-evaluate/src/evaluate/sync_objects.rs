//! The source and the Kustomization that flux-operator makes from a FluxInstance's `spec.sync`.
//!
//! As the `sync.yaml` of <https://github.com/controlplaneio-fluxcd/flux-operator/blob/main/internal/builder/templates.go>,
//! to which `spec.kustomize.patches` apply.

use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::{FileTable, Limits, MemoryTree, RepoPath};
use yaml_node::{Node, write_document};

use crate::build::build;
use crate::flux::{FluxInstance, Sync};
use crate::marks::with_marks;

/// The objects of an instance. The error is a message.
pub(super) fn sync_objects(instance: &FluxInstance, limits: &Limits) -> Result<Vec<Node>, String> {
    let Some(sync) = &instance.sync else {
        return Ok(Vec::new());
    };
    let mut objects = vec![
        source(sync, &instance.id.namespace),
        kustomization(sync, &instance.id.namespace),
    ];
    let patches = instance.patches.iter().filter(|patch| may_apply(patch, sync));
    let patches: Vec<Node> = patches.cloned().collect();
    if !patches.is_empty() {
        objects = patched(&objects, patches, limits)?;
    }
    // No file defines these objects.
    let mark = instance.sync_mark();
    Ok(objects
        .iter()
        .map(|object| with_marks(object, &|_| mark))
        .collect())
}

fn source(sync: &Sync, namespace: &str) -> Node {
    let mut spec = vec![("interval", Node::str(go_duration(&sync.interval)))];
    let text = |text: &str| Node::str(text);
    let (reference, url) = match sync.kind.as_str() {
        "OCIRepository" => (("ref", Node::mapping([("tag", text(&sync.reference))])), "url"),
        "Bucket" => (("bucketName", text(&sync.reference)), "endpoint"),
        _ => (("ref", Node::mapping([("name", text(&sync.reference))])), "url"),
    };
    spec.push(reference);
    if let Some(secret) = &sync.pull_secret {
        spec.push(("secretRef", Node::mapping([("name", text(secret))])));
    }
    if let Some(provider) = &sync.provider {
        spec.push(("provider", text(provider)));
    }
    spec.push((url, text(&sync.url)));
    object("source.toolkit.fluxcd.io/v1", &sync.kind, sync, namespace, spec)
}

fn kustomization(sync: &Sync, namespace: &str) -> Node {
    let source = [
        ("kind", Node::str(sync.kind.as_str())),
        ("name", Node::str(sync.name.as_str())),
    ];
    let spec = vec![
        ("interval", Node::str("10m0s")),
        ("path", Node::str(sync.path.as_str())),
        ("prune", Node::bool(true)),
        ("sourceRef", Node::mapping(source)),
    ];
    let api_version = "kustomize.toolkit.fluxcd.io/v1";
    object(api_version, "Kustomization", sync, namespace, spec)
}

fn object(
    api_version: &str,
    kind: &str,
    sync: &Sync,
    namespace: &str,
    spec: Vec<(&'static str, Node)>,
) -> Node {
    let name = Node::str(sync.name.as_str());
    let metadata = [("name", name), ("namespace", Node::str(namespace))];
    Node::mapping([
        ("apiVersion", Node::str(api_version)),
        ("kind", Node::str(kind)),
        ("metadata", Node::mapping(metadata)),
        ("spec", Node::mapping(spec)),
    ])
}

/// A duration in Go's format: `1h` is `1h0m0s`. An invalid one is not changed.
fn go_duration(text: &str) -> String {
    let mut seconds = 0_f64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return text.to_owned(),
        };
        let Ok(number) = number.parse::<f64>() else {
            return text.to_owned();
        };
        seconds += number * factor;
        rest = after;
    }
    if seconds < 1.0 {
        return text.to_owned();
    }
    let minutes = (seconds / 60.0).floor();
    let (hours, minutes, seconds) = ((minutes / 60.0).floor(), minutes % 60.0, seconds - minutes * 60.0);
    match (hours > 0.0, minutes > 0.0) {
        (true, _) => format!("{hours}h{minutes}m{seconds}s"),
        (false, true) => format!("{minutes}m{seconds}s"),
        (false, false) => format!("{seconds}s"),
    }
}

/// Kinds of Flux's own manifests, which are not here.
const CONTROLLER_KINDS: [&str; 6] = [
    "Deployment",
    "Service",
    "ServiceAccount",
    "NetworkPolicy",
    "Namespace",
    "CustomResourceDefinition",
];

/// Whether a patch may be about one of the two objects. Most are about Flux's own Deployments, and a patch without target
/// that finds nothing would fail the build.
fn may_apply(patch: &Node, sync: &Sync) -> bool {
    match patch.get("target") {
        Some(target) => {
            let kind = target.text_at(&["kind"]);
            kind.is_none_or(|kind| !CONTROLLER_KINDS.contains(&kind))
        }
        None => {
            let text = patch.text_at(&["patch"]).unwrap_or_default();
            [sync.kind.as_str(), "Kustomization"]
                .iter()
                .any(|kind| text.lines().any(|line| line.trim() == format!("kind: {kind}")))
        }
    }
}

fn patched(objects: &[Node], patches: Vec<Node>, limits: &Limits) -> Result<Vec<Node>, String> {
    let mut text = String::new();
    for object in objects {
        text.push_str("---\n");
        text.push_str(&write_document(object).map_err(|error| error.to_string())?);
    }
    let mut tree = MemoryTree::new();
    tree.insert("sync.yaml", text.into_bytes());
    // With a separate file table, no place refers to `sync.yaml`, which does not exist; patches keep their marks.
    let sources = Sources::new(Arc::new(tree), FileTable::new(), *limits);
    let kustomization = Node::mapping([
        ("apiVersion", Node::str("kustomize.config.k8s.io/v1beta1")),
        ("kind", Node::str("Kustomization")),
        ("resources", Node::sequence([Node::str("sync.yaml")])),
        ("patches", Node::sequence(patches)),
    ]);
    let build = build(&sources, &RepoPath::root(), &kustomization).map_err(|error| error.to_string())?;
    Ok(build
        .resources
        .into_iter()
        .map(|resource| resource.node)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_printed_as_go_prints_them() {
        for (text, expected) in [
            ("1m", "1m0s"),
            ("1h", "1h0m0s"),
            ("90m", "1h30m0s"),
            ("30s", "30s"),
            ("1.5h", "1h30m0s"),
            ("soon", "soon"),
        ] {
            assert_eq!(go_duration(text), expected);
        }
    }
}

//! Workloads whose pods are replaced, and those that go on with what they read at their start.

use std::collections::{BTreeMap, BTreeSet};

use yaml_node::Node;

use crate::difference;
use crate::objects::{Object, Objects};
use crate::pod::{containers, pod_spec};
use crate::review::{Restart, Stale};

/// Kinds that replace their pods when the pod template changes.
const KINDS: [&str; 5] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicationController",
    "Rollout",
];

/// The restart of a workload between two sides, if its pod template differs.
pub(crate) fn restart(before: &Object<'_>, after: &Object<'_>) -> Option<Restart> {
    if !KINDS.contains(&after.kind()) {
        return None;
    }
    let template = |object: &Object<'_>| -> Node {
        let template = object.node().at(&["spec", "template"]);
        template.cloned().unwrap_or_else(Node::null)
    };
    let because = difference::paths(&template(before), &template(after));
    (!because.is_empty()).then(|| Restart {
        kind: after.kind().to_owned(),
        namespace: after.namespace().to_owned(),
        name: after.name().to_owned(),
        because,
    })
}

/// Workloads that read a changed ConfigMap or Secret into environment variables, and are not restarted: their pods keep the
/// values they started with. `changed` holds kind, namespace and name.
pub(crate) fn stale(
    objects: &Objects<'_>,
    changed: &BTreeSet<(&str, &str, &str)>,
    restarts: &[Restart],
) -> Vec<Stale> {
    if changed.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for object in objects.values().filter(|object| KINDS.contains(&object.kind())) {
        let restarts = restarts.iter().any(|restart| {
            (
                restart.kind.as_str(),
                restart.namespace.as_str(),
                restart.name.as_str(),
            ) == (object.kind(), object.namespace(), object.name())
        });
        if restarts || is_reloaded(object) {
            continue;
        }
        for (kind, name) in environment(object) {
            if changed.contains(&(kind, object.namespace(), name)) {
                let key = (
                    object.kind().to_owned(),
                    object.namespace().to_owned(),
                    object.name().to_owned(),
                );
                found.entry(key).or_default().insert(format!("{kind}/{name}"));
            }
        }
    }
    found
        .into_iter()
        .map(|((kind, namespace, name), reads)| Stale {
            kind,
            namespace,
            name,
            reads: reads.into_iter().collect(),
        })
        .collect()
}

/// Whether an operator restarts the workload when what it reads changes.
fn is_reloaded(object: &Object<'_>) -> bool {
    let annotations = object.node().at(&["metadata", "annotations"]);
    annotations
        .into_iter()
        .flat_map(Node::iter)
        .any(|(key, _)| key.contains("reloader.stakater.com/"))
}

/// Kind and name of what a workload's containers read into environment variables.
fn environment<'a>(object: &Object<'a>) -> Vec<(&'static str, &'a str)> {
    let mut found = Vec::new();
    for container in pod_spec(object).into_iter().flat_map(containers) {
        for source in container.get("envFrom").map(Node::items).unwrap_or_default() {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                found.extend(source.text_at(&[field, "name"]).map(|name| (kind, name)));
            }
        }
        for variable in container.get("env").map(Node::items).unwrap_or_default() {
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let name = variable.text_at(&["valueFrom", field, "name"]);
                found.extend(name.map(|name| (kind, name)));
            }
        }
    }
    found
}

//! Workloads whose pods are replaced, and workloads that keep old values of their environment.

use std::collections::{BTreeMap, BTreeSet};

use yaml_node::Node;

use crate::api_defaults::without_defaults;
use crate::difference;
use crate::needs::needs;
use crate::objects::{Object, Objects};
use crate::pod::{pod_spec, references};
use crate::review::{Restart, Stale};

/// Kinds that replace their pods when the pod template changes.
const KINDS: [&str; 5] = [
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicationController",
    "Rollout",
];

/// The restart of a workload whose pod template differs between the sides.
pub(crate) fn restart(before: &Object<'_>, after: &Object<'_>) -> Option<Restart> {
    if !KINDS.contains(&after.kind()) || keeps_its_pods(after) {
        return None;
    }
    let template = |object: &Object<'_>| -> Node {
        let template = object.node().at(&["spec", "template"]);
        template.map_or_else(Node::null, |template| without_defaults(template, "template"))
    };
    let because = difference::paths(&template(before), &template(after));
    (!because.is_empty()).then(|| Restart {
        kind: after.kind().to_owned(),
        namespace: after.namespace().to_owned(),
        name: after.name().to_owned(),
        because,
    })
}

/// Whether a workload replaces no pods by itself: it is paused, has no replicas, or replaces a pod once somebody deletes it.
fn keeps_its_pods(workload: &Object<'_>) -> bool {
    let spec = |path: &[&str]| workload.node().get("spec")?.text_at(path);
    spec(&["paused"]) == Some("true")
        || spec(&["replicas"]) == Some("0")
        || spec(&["updateStrategy", "type"]) == Some("OnDelete")
}

/// Workloads that read a changed ConfigMap or Secret without a change of their own: those that keep the values they started with,
/// and those that Reloader restarts. `changed` holds kind, namespace and name.
pub(crate) fn stale(
    objects: &Objects<'_>,
    changed: &BTreeSet<(&str, &str, &str)>,
    restarts: &[Restart],
) -> (Vec<Stale>, Vec<Restart>) {
    let (mut found, mut reloaded) = (BTreeMap::new(), Vec::new());
    if changed.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let restarting = restarts.iter();
    let restarting: BTreeSet<(&str, &str, &str)> = restarting
        .map(|restart| (&*restart.kind, &*restart.namespace, &*restart.name))
        .collect();
    for object in objects.values().filter(|object| KINDS.contains(&object.kind())) {
        let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
        if restarting.contains(&(kind, namespace, name)) || keeps_its_pods(object) {
            continue;
        }
        let changed = |read: Vec<(&str, &str)>| -> BTreeSet<String> {
            let is_changed = |(kind, name): &(&str, &str)| changed.contains(&(*kind, namespace, *name));
            let changed = read.into_iter().filter(is_changed);
            changed.map(|(kind, name)| format!("{kind}/{name}")).collect()
        };
        let watched = changed(watched(object));
        if !watched.is_empty() {
            reloaded.push(Restart {
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                because: watched
                    .iter()
                    .map(|name| format!("{name}, by Reloader"))
                    .collect(),
            });
            continue;
        }
        let reads = changed(environment(object));
        if !reads.is_empty() {
            found.insert((kind, namespace, name), reads);
        }
    }
    let found = found.into_iter().map(|((kind, namespace, name), reads)| Stale {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        reads: reads.into_iter().collect(),
    });
    (found.collect(), reloaded)
}

/// Kind and name of what Reloader watches for a workload
/// (<https://github.com/stakater/Reloader#how-to-use-reloader>).
fn watched<'a>(object: &Object<'a>) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for path in [
        &["metadata", "annotations"][..],
        &["spec", "template", "metadata", "annotations"],
    ] {
        for (key, value) in object.node().at(path).into_iter().flat_map(Node::iter) {
            let Some((kinds, what)) = key.split_once("reloader.stakater.com/") else {
                continue;
            };
            let value = value.text().unwrap_or_default();
            let kind = match kinds.trim_end_matches('.') {
                "configmap" => Some("ConfigMap"),
                "secret" => Some("Secret"),
                _ => None,
            };
            match (kind, what) {
                (Some(kind), "reload") => {
                    found.extend(value.split(',').map(|name| (kind, name.trim())));
                }
                (None, "auto") | (Some(_), "auto") if value == "true" => {
                    let read = needs(object).into_iter().chain(environment(object));
                    found.extend(read.filter(|(read, _)| kind.is_none_or(|kind| kind == *read)));
                }
                _ => {}
            }
        }
    }
    found
}

/// Kind and name of what a workload's containers read into environment variables.
fn environment<'a>(object: &Object<'a>) -> Vec<(&'static str, &'a str)> {
    let read = pod_spec(object).map(references).unwrap_or_default();
    let read = read.into_iter().filter(|it| it.is_environment);
    read.map(|it| (it.kind, it.name)).collect()
}

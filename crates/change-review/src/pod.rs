//! The pods that a workload makes.

use yaml_node::Node;

use crate::objects::Object;

/// The pod spec of a workload.
pub(crate) fn pod_spec<'a>(object: &Object<'a>) -> Option<&'a Node> {
    let spec = object.node().get("spec")?;
    match object.kind() {
        "Pod" => Some(spec),
        "CronJob" => spec.at(&["jobTemplate", "spec", "template", "spec"]),
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController"
        | "Rollout" => spec.at(&["template", "spec"]),
        _ => None,
    }
}

/// The containers of a pod spec, init containers first.
pub(crate) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    items(pod.get("initContainers")).chain(items(pod.get("containers")))
}

/// A reference of a pod to an object in its namespace, by name.
#[derive(Clone, Copy)]
pub(crate) struct Reference<'a> {
    /// Kind of the object.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: &'a str,
    /// Whether its values are read into environment variables.
    pub(crate) is_environment: bool,
    /// Whether the pod starts without it.
    pub(crate) is_optional: bool,
}

/// The ConfigMaps, Secrets, ServiceAccount and claims that a pod refers to.
pub(crate) fn references<'a>(pod: &'a Node) -> Vec<Reference<'a>> {
    const ENVIRONMENT: [(&str, &str); 2] = [("configMapRef", "ConfigMap"), ("secretRef", "Secret")];
    const VARIABLE: [(&str, &str); 2] = [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")];
    const VOLUME: [(&str, &str, &str); 3] = [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
        ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
    ];
    const PROJECTED: [(&str, &str); 2] = [("configMap", "ConfigMap"), ("secret", "Secret")];
    let mut found = Vec::new();
    let mut add = |kind, part: Option<&'a Node>, name: &str, is_environment| {
        found.extend(part.and_then(|part| {
            Some(Reference {
                kind,
                name: part.text_at(&[name])?,
                is_environment,
                is_optional: is_true(part, "optional"),
            })
        }));
    };
    add("ServiceAccount", Some(pod), "serviceAccountName", false);
    for container in containers(pod) {
        for source in items(container.get("envFrom")) {
            for (field, kind) in ENVIRONMENT {
                add(kind, source.get(field), "name", true);
            }
        }
        for variable in items(container.get("env")) {
            for (field, kind) in VARIABLE {
                add(kind, variable.at(&["valueFrom", field]), "name", true);
            }
        }
    }
    for volume in items(pod.get("volumes")) {
        for (field, kind, name) in VOLUME {
            add(kind, volume.get(field), name, false);
        }
        for source in items(volume.at(&["projected", "sources"])) {
            for (field, kind) in PROJECTED {
                add(kind, source.get(field), "name", false);
            }
        }
    }
    found
}

/// Whether a field is `true`.
pub(crate) fn is_true(node: &Node, field: &str) -> bool {
    node.get(field).and_then(Node::as_bool) == Some(true)
}

/// The items of a list that may be absent.
pub(crate) fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    list.map(Node::items).unwrap_or_default().iter()
}

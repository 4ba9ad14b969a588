//! The pods that a workload makes.

use yaml_node::Node;

use crate::objects::Object;

/// The pod specification of a workload.
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

/// The containers of a pod specification, those that initialise it included.
pub(crate) fn containers(pod: &Node) -> impl Iterator<Item = &Node> {
    ["initContainers", "containers"]
        .into_iter()
        .filter_map(|field| pod.get(field))
        .flat_map(Node::items)
}

/// What a pod reads or runs as, by name.
#[derive(Clone, Copy)]
pub(crate) struct Reference<'a> {
    /// Kind of the object, which is in the pod's namespace.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: &'a str,
    /// Whether its values are read into environment variables.
    pub(crate) is_environment: bool,
    /// Whether the pod does without it.
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
                is_optional: part.get("optional").and_then(Node::as_bool) == Some(true),
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

/// The items of a list that may be absent.
pub(crate) fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    list.map(Node::items).unwrap_or_default().iter()
}

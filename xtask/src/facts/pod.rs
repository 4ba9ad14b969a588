//! Pods of rendered workloads, and the objects that they use.

use serde_json::Value;

use crate::json::{self, list, text};

/// Kinds that run pods, with the path of the pod spec.
const POD_SPECS: [(&str, &str, &str); 9] = [
    ("apps/", "Deployment", "/spec/template/spec"),
    ("apps/", "StatefulSet", "/spec/template/spec"),
    ("apps/", "DaemonSet", "/spec/template/spec"),
    ("apps/", "ReplicaSet", "/spec/template/spec"),
    ("batch/", "Job", "/spec/template/spec"),
    ("batch/", "CronJob", "/spec/jobTemplate/spec/template/spec"),
    ("v1", "Pod", "/spec"),
    ("argoproj.io/", "Rollout", "/spec/template/spec"),
    ("serving.knative.dev/", "Service", "/spec/template/spec"),
];

/// The pod spec of a workload, `null` if it has none; `None` for other objects.
pub(crate) fn pod_spec(object: &Value) -> Option<&Value> {
    let api_version = object["apiVersion"].as_str()?;
    let kind = object["kind"].as_str()?;
    let (.., path) = POD_SPECS
        .iter()
        .find(|(group, k, _)| *k == kind && api_version.starts_with(group))?;
    Some(object.pointer(path).unwrap_or(&Value::Null))
}

/// `Kind namespace/name`
pub(super) fn workload(object: &Value) -> String {
    format!("{} {}", text(&object["kind"]), json::full_name(object))
}

/// Init and normal containers.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let fields = ["initContainers", "containers"].into_iter();
    fields.flat_map(|field| list(&pod[field]))
}

/// Names of the ConfigMaps that the pods use.
pub(crate) fn config_maps(pod: &Value) -> Vec<&str> {
    references(pod, ("configMapKeyRef", "configMapRef"), ("configMap", "name"))
}

/// Names of the Secrets that the pods use.
pub(crate) fn secrets(pod: &Value) -> Vec<&str> {
    let mut names = references(pod, ("secretKeyRef", "secretRef"), ("secret", "secretName"));
    names.extend(list(&pod["imagePullSecrets"]).filter_map(|entry| entry["name"].as_str()));
    names.extend(
        list(&pod["volumes"]).filter_map(|volume| volume["csi"]["nodePublishSecretRef"]["name"].as_str()),
    );
    names
}

/// Names of the SecretProviderClasses that the pods mount.
pub(crate) fn secret_provider_classes(pod: &Value) -> Vec<&str> {
    list(&pod["volumes"])
        .filter(|volume| volume["csi"]["driver"] == "secrets-store.csi.k8s.io")
        .filter_map(|volume| volume["csi"]["volumeAttributes"]["secretProviderClass"].as_str())
        .collect()
}

fn references<'a>(pod: &'a Value, env: (&str, &str), volume: (&str, &str)) -> Vec<&'a str> {
    let mut names = Vec::new();
    let all = containers(pod).chain(list(&pod["ephemeralContainers"]));
    for container in all {
        names.extend(list(&container["env"]).filter_map(|entry| entry["valueFrom"][env.0]["name"].as_str()));
        names.extend(list(&container["envFrom"]).filter_map(|entry| entry[env.1]["name"].as_str()));
    }
    for entry in list(&pod["volumes"]) {
        names.extend(entry[volume.0][volume.1].as_str());
        names.extend(
            list(&entry["projected"]["sources"]).filter_map(|source| source[volume.0]["name"].as_str()),
        );
    }
    names
}

//! Facts of rendered records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fact::{Facts, add, unhashed};
use super::{config, network, pod, secrets};
use crate::json::{entries, full_name, identity, list, namespace, text, text_at};

/// Facts of the records of one entry: the objects that Flux applies to this cluster.
pub(super) fn facts(records: &[Value]) -> Facts {
    let mut facts = Facts::new();
    let remote = remote_kustomizations(records);
    let mut owners: BTreeMap<String, Vec<(&str, &Value)>> = BTreeMap::new();
    for record in records {
        let name = text(&record["kustomization"]);
        if remote.iter().any(|remote| remote == name) {
            continue;
        }
        for object in list(&record["objects"]) {
            owners.entry(identity(object)).or_default().push((name, object));
        }
    }
    let order = dependency_order(records);
    let mut objects = Vec::new();
    for applied in owners.into_values() {
        // Objects of the entry's folder belong to the Kustomization that points at it, if there is one.
        let named = applied.iter().filter(|(name, _)| !name.ends_with("(root)"));
        // The Kustomization that is applied last overwrites the others.
        let last = named.max_by_key(|(name, _)| order.iter().position(|other| other == name));
        if let Some((owner, object)) = last.or(applied.last()) {
            objects.push(*object);
            let owner = if owner.ends_with("(root)") { "-" } else { owner };
            object_facts(object, owner, &mut facts);
        }
    }
    network::rendered(&objects, &mut facts);
    secrets::rendered(&objects, &mut facts);
    config::rendered(&objects, &mut facts);
    facts
}

/// Kustomizations that apply to another cluster.
fn remote_kustomizations(records: &[Value]) -> Vec<String> {
    flux_kustomizations(records)
        .filter(|object| object["spec"]["kubeConfig"].is_object())
        .map(full_name)
        .collect()
}

/// Names, each after those that it depends on, otherwise in the order of the records.
fn dependency_order(records: &[Value]) -> Vec<String> {
    let waits: BTreeMap<String, Vec<String>> = flux_kustomizations(records)
        .map(|object| (full_name(object), depends_on(object)))
        .collect();
    let mut order = Vec::new();
    for record in records {
        visit(text(&record["kustomization"]), &waits, &mut order, 0);
    }
    order
}

fn visit(name: &str, waits: &BTreeMap<String, Vec<String>>, order: &mut Vec<String>, depth: usize) {
    if depth > waits.len() || order.iter().any(|seen| seen == name) {
        return;
    }
    for other in waits.get(name).into_iter().flatten() {
        visit(other, waits, order, depth + 1);
    }
    if !order.iter().any(|seen| seen == name) {
        order.push(name.to_owned());
    }
}

fn flux_kustomizations(records: &[Value]) -> impl Iterator<Item = &Value> {
    let objects = records.iter().flat_map(|record| list(&record["objects"]));
    objects.filter(|object| {
        object["kind"] == "Kustomization"
            && text_at(object, "/apiVersion").starts_with("kustomize.toolkit.fluxcd.io/")
    })
}

fn depends_on(object: &Value) -> Vec<String> {
    let names = list(&object["spec"]["dependsOn"]).map(|entry| {
        let namespace = entry["namespace"].as_str().unwrap_or(namespace(object));
        format!("{namespace}/{}", text(&entry["name"]))
    });
    names.collect()
}

fn object_facts(object: &Value, owner: &str, facts: &mut Facts) {
    let (kind, api_version) = (text_at(object, "/kind"), text_at(object, "/apiVersion"));
    let id = full_name(object);
    let spec = &object["spec"];
    if let Some(pod) = pod::pod_spec(object) {
        let workload = format!("{kind} {id}");
        add(facts, "workload", format!("{workload} by {owner}"));
        for image in pod::containers(pod).filter_map(|container| container["image"].as_str()) {
            add(facts, "image", format!("{workload} {image}"));
        }
        for used in pod::config_maps(pod) {
            add(facts, "usesConfigMap", format!("{workload} {}", unhashed(used)));
        }
        for used in pod::secrets(pod) {
            add(facts, "usesSecret", format!("{workload} {}", unhashed(used)));
        }
        for used in pod::secret_provider_classes(pod) {
            add(facts, "usesSecretProviderClass", format!("{workload} {used}"));
        }
    } else if kind == "HelmRelease" && api_version.starts_with("helm.toolkit.fluxcd.io/") {
        let (chart, source) = match spec["chartRef"]["name"].as_str() {
            Some(reference) => ("by reference", reference),
            None => (
                text_at(spec, "/chart/spec/chart"),
                text_at(spec, "/chart/spec/sourceRef/name"),
            ),
        };
        let interval = text_at(spec, "/interval");
        let fact = format!("{id} {chart} from {source} every {interval} by {owner}");
        add(facts, "helmRelease", fact);
    } else if kind == "Kustomization" && api_version.starts_with("kustomize.toolkit.fluxcd.io/") {
        let fact = format!(
            "{id} {} from {} every {} prune {} after {}",
            text_at(spec, "/path"),
            text_at(spec, "/sourceRef/name"),
            text_at(spec, "/interval"),
            spec["prune"].as_bool().unwrap_or(false),
            depends_on(object).join(" "),
        );
        add(facts, "kustomization", fact);
    } else if kind == "ConfigMap" && api_version == "v1" {
        for (key, _) in entries(&object["data"]).chain(entries(&object["binaryData"])) {
            add(facts, "configMapKey", format!("{} {key}", unhashed(&id)));
        }
    } else if kind == "SecretProviderClass" {
        for object in provided_objects(&spec["parameters"]) {
            add(facts, "secretProviderClass", format!("{id} {object}"));
        }
    }
}

/// Names of the objects that a SecretProviderClass fetches, whichever provider's form its list has.
fn provided_objects(parameters: &Value) -> Vec<&str> {
    let list = parameters["objects"]
        .as_str()
        .or(parameters["secrets"].as_str())
        .unwrap_or_default();
    fn plain(text: &str) -> &str {
        text.trim().trim_matches(['"', '\''])
    }
    let lines = list.lines().map(|line| line.trim_start_matches([' ', '-', '|']));
    lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| matches!(plain(key), "objectName" | "resourceName"))
        .map(|(_, value)| plain(value))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_facts_of_the_kustomization_that_applies_them_last() {
        let deployment = |image: &str| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "papi", "namespace": "web"},
                "spec": {"template": {"spec": {"containers": [{"name": "papi", "image": image}]}}}
            })
        };
        let records = [
            json!({"kustomization": "apps", "objects": [deployment("papi:1")]}),
            json!({"kustomization": "apps", "objects": [deployment("papi:2")]}),
        ];
        let facts = facts(&records);
        let images: Vec<&String> = facts["image"].iter().collect();
        assert_eq!(images.len(), 1, "{images:?}");
        assert!(images[0].contains("papi:2"), "{images:?}");
        assert_eq!(facts["workload"].len(), 1, "{:?}", facts["workload"]);
    }
}

//! Facts of rendered records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fact::{Facts, add, unhashed};
use super::object::{namespace, text_at};
use super::{config, network, pod, secrets};

/// Facts of the records of one entry: what Flux applies to this cluster.
pub(super) fn facts(records: &[Value]) -> Facts {
    let mut facts = Facts::new();
    let remote = remote_kustomizations(records);
    let mut owners: BTreeMap<String, Vec<(&str, &Value)>> = BTreeMap::new();
    for record in records {
        let name = record["kustomization"].as_str().unwrap_or_default();
        if remote.iter().any(|remote| remote == name) {
            continue;
        }
        for object in record["objects"].as_array().into_iter().flatten() {
            owners.entry(identity(object)).or_default().push((name, object));
        }
    }
    let order = dependency_order(records);
    let mut objects = Vec::new();
    for applied in owners.into_values() {
        // The entry itself is applied by the Kustomization that points at it, where one does.
        let named = applied.iter().filter(|(name, _)| !name.ends_with("(root)"));
        // The last word has the one that is applied last.
        let last = named.max_by_key(|(name, _)| order.iter().position(|other| other == name));
        if let Some((owner, object)) = last.or(applied.last()) {
            objects.push(*object);
            object_facts(
                object,
                if owner.ends_with("(root)") { "-" } else { owner },
                &mut facts,
            );
        }
    }
    network::rendered(&objects, &mut facts);
    secrets::rendered(&objects, &mut facts);
    config::rendered(&objects, &mut facts);
    facts
}

fn identity(object: &Value) -> String {
    let group = object["apiVersion"]
        .as_str()
        .and_then(|text| text.split_once('/'))
        .map_or("", |(group, _)| group);
    format!(
        "{group}/{}/{}/{}",
        text_at(object, "/kind"),
        namespace(object),
        text_at(object, "/metadata/name")
    )
}

/// Kustomizations that apply to another cluster.
fn remote_kustomizations(records: &[Value]) -> Vec<String> {
    flux_kustomizations(records)
        .filter(|object| object["spec"]["kubeConfig"].is_object())
        .map(|object| format!("{}/{}", namespace(object), text_at(object, "/metadata/name")))
        .collect()
}

/// Names in an order in which everything stands behind what it depends on; else the order of the records.
fn dependency_order(records: &[Value]) -> Vec<String> {
    let mut waits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for object in flux_kustomizations(records) {
        let own = namespace(object);
        waits.insert(
            format!("{own}/{}", text_at(object, "/metadata/name")),
            depends_on(object),
        );
    }
    let mut order = Vec::new();
    for record in records {
        visit(
            record["kustomization"].as_str().unwrap_or_default(),
            &waits,
            &mut order,
            0,
        );
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
    records
        .iter()
        .flat_map(|record| record["objects"].as_array().into_iter().flatten())
        .filter(|object| {
            object["kind"] == "Kustomization"
                && text_at(object, "/apiVersion").starts_with("kustomize.toolkit.fluxcd.io/")
        })
}

fn depends_on(object: &Value) -> Vec<String> {
    let own = namespace(object);
    let entries = object["spec"]["dependsOn"].as_array().into_iter().flatten();
    entries
        .map(|entry| {
            format!(
                "{}/{}",
                entry["namespace"].as_str().unwrap_or(own),
                text_at(entry, "/name")
            )
        })
        .collect()
}

fn object_facts(object: &Value, owner: &str, facts: &mut Facts) {
    let (kind, api_version) = (text_at(object, "/kind"), text_at(object, "/apiVersion"));
    let name = text_at(object, "/metadata/name");
    let namespace = namespace(object);
    if let Some(pod) = pod::pod_spec(object) {
        let workload = format!("{kind} {namespace}/{name}");
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
        let spec = &object["spec"];
        let (chart, source) = match spec["chartRef"]["name"].as_str() {
            Some(reference) => ("by reference", reference),
            None => (
                text_at(spec, "/chart/spec/chart"),
                text_at(spec, "/chart/spec/sourceRef/name"),
            ),
        };
        let interval = text_at(spec, "/interval");
        add(
            facts,
            "helmRelease",
            format!("{namespace}/{name} {chart} from {source} every {interval} by {owner}"),
        );
    } else if kind == "Kustomization" && api_version.starts_with("kustomize.toolkit.fluxcd.io/") {
        let spec = &object["spec"];
        add(
            facts,
            "kustomization",
            format!(
                "{namespace}/{name} {} from {} every {} prune {} after {}",
                text_at(spec, "/path"),
                text_at(spec, "/sourceRef/name"),
                text_at(spec, "/interval"),
                spec["prune"].as_bool().unwrap_or(false),
                depends_on(object).join(" "),
            ),
        );
    } else if kind == "ConfigMap" && api_version == "v1" {
        for field in ["data", "binaryData"] {
            for key in object[field].as_object().into_iter().flat_map(|map| map.keys()) {
                add(
                    facts,
                    "configMapKey",
                    format!("{namespace}/{} {key}", unhashed(name)),
                );
            }
        }
    } else if kind == "SecretProviderClass" {
        for object in provided_objects(&object["spec"]["parameters"]) {
            add(
                facts,
                "secretProviderClass",
                format!("{namespace}/{name} {object}"),
            );
        }
    }
}

/// Names of the objects that a SecretProviderClass fetches, as its list states them, whatever its provider's form.
fn provided_objects(parameters: &Value) -> Vec<String> {
    let list = parameters["objects"]
        .as_str()
        .or(parameters["secrets"].as_str())
        .unwrap_or_default();
    let lines = list.lines().map(|line| line.trim_start_matches([' ', '-', '|']));
    lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| {
            matches!(
                key.trim().trim_matches(['"', '\'']),
                "objectName" | "resourceName"
            )
        })
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
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

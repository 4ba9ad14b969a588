//! Keys and values of ConfigMaps after substitution, and how containers use ConfigMaps and Secrets.

use std::collections::BTreeSet;

use serde_json::Value;

use super::catalog::{full_name, name, workload_of};
use super::fact::{Facts, add, unhashed};
use super::pod;
use crate::json::{self, entries, list, text};
use crate::regen::Catalogs;

/// Catalogs have no longer values.
const MAX_VALUE: usize = 256;

/// Facts of rendered objects.
pub(super) fn rendered(objects: &[&Value], facts: &mut Facts) {
    for object in objects {
        if object["apiVersion"] == "v1" && object["kind"] == "ConfigMap" {
            for (key, value) in entries(&object["data"]) {
                let id = format!("{} {key}", unhashed(&json::full_name(object)));
                add(facts, "configMapValue", format!("{id} = {}", shown(text(value))));
            }
        }
        if let Some(pod) = pod::pod_spec(object) {
            let id = pod::workload(object);
            for usage in usages(pod) {
                add(facts, "usage", format!("{id} {usage}"));
            }
        }
    }
}

/// A value, or the size of a long one.
fn shown(value: &str) -> String {
    let lines = value.lines().count();
    if value.len() > MAX_VALUE || lines > 1 {
        format!("{lines} lines")
    } else {
        value.to_owned()
    }
}

/// `container how Kind/name key path` of every use in a pod.
fn usages(pod: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |container: &str, how: &str, kind: &str, used: &Value, key: &str, path: &str| {
        if let Some(used) = used.as_str() {
            found.push(format!(
                "{container} {how} {kind}/{} {key} {path}",
                unhashed(used)
            ));
        }
    };
    for container in pod::containers(pod) {
        let own = text(&container["name"]);
        for from in list(&container["env"]).map(|entry| &entry["valueFrom"]) {
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let used = &from[field];
                add(own, "env", kind, &used["name"], text(&used["key"]), "");
            }
        }
        for entry in list(&container["envFrom"]) {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                add(own, "envFrom", kind, &entry[field]["name"], "", "");
            }
        }
        for mount in list(&container["volumeMounts"]) {
            let Some(volume) = list(&pod["volumes"]).find(|volume| volume["name"] == mount["name"]) else {
                continue;
            };
            let path = text(&mount["mountPath"]);
            let sources = list(&volume["projected"]["sources"]).chain([volume]);
            for source in sources {
                for (field, kind) in [("configMap", "ConfigMap"), ("secret", "Secret")] {
                    let source = &source[field];
                    let used = match &source["secretName"] {
                        Value::Null => &source["name"],
                        named => named,
                    };
                    for key in keys(source, mount["subPath"].as_str()) {
                        add(own, "volume", kind, used, key, path);
                    }
                }
            }
        }
    }
    for secret in list(&pod["imagePullSecrets"]) {
        add("", "imagePullSecret", "Secret", &secret["name"], "", "");
    }
    found
}

/// The keys that a mount shows: those that `items` or `subPath` pick, or an empty one for all of them.
fn keys<'a>(source: &'a Value, sub_path: Option<&'a str>) -> Vec<&'a str> {
    let mut items = list(&source["items"]).peekable();
    if items.peek().is_none() {
        return vec![sub_path.unwrap_or_default()];
    }
    let is_mounted = |item: &&Value| {
        let path = text(&item["path"]);
        sub_path.is_none_or(|sub_path| path == sub_path || path.starts_with(&format!("{sub_path}/")))
    };
    items.filter(is_mounted).map(|item| text(&item["key"])).collect()
}

/// Facts of the catalogs.
pub(super) fn catalog(catalogs: &Catalogs, facts: &mut Facts) {
    let services = &catalogs.services["services"];
    let config_maps = &catalogs.configmaps["configMaps"];
    for (key, config) in entries(config_maps) {
        if !matches!(text(&config["generatedBy"]), "kustomization" | "manifest") {
            continue;
        }
        let id = full_name(key, config);
        let id = unhashed(&id);
        for (field, written) in entries(&config["keys"]) {
            add(facts, "configMapKey", format!("{id} {field}"));
            let value = match &config["resolved"][field] {
                Value::Null => written,
                resolved => resolved,
            };
            let shown = match value {
                Value::String(value) => Some(shown(value)),
                long => long["lines"].as_u64().map(|lines| format!("{lines} lines")),
            };
            if let Some(shown) = shown {
                add(facts, "configMapValue", format!("{id} {field} = {shown}"));
            }
        }
    }
    let maps = [
        ("ConfigMap", config_maps),
        ("Secret", &catalogs.secrets_map["references"]),
    ];
    for (kind, map) in maps {
        for (key, entry) in entries(map) {
            let used = unhashed(name(key, entry));
            for usage in list(&entry["usage"]).filter(|usage| usage["how"] != "csi") {
                let Some(id) = usage["service"]
                    .as_str()
                    .and_then(|service| workload_of(&services[service]))
                else {
                    continue;
                };
                let [container, how, key, path] =
                    ["container", "how", "key", "mountPath"].map(|field| text(&usage[field]));
                let fact = format!("{id} {container} {how} {kind}/{used} {key} {path}");
                add(facts, "usage", fact);
            }
        }
    }
}

/// Removes from both sides the values that no catalog may or can have: credentials, and unknown variables, which Flux
/// makes empty.
pub(super) fn without_unknown(rendered: &mut Facts, catalog: &mut Facts) {
    let class = "configMapValue";
    let unknown: BTreeSet<String> = catalog
        .get(class)
        .into_iter()
        .flatten()
        .filter_map(|fact| fact.split_once(" = "))
        .filter(|(_, value)| *value == "<redacted>" || value.contains("${"))
        .map(|(id, _)| format!("{id} = "))
        .collect();
    for facts in [rendered, catalog] {
        if let Some(facts) = facts.get_mut(class) {
            facts.retain(|fact| {
                fact.split_once(" = ")
                    .is_none_or(|(id, _)| !unknown.contains(&format!("{id} = ")))
            });
        }
    }
}

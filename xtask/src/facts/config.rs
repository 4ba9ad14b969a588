//! Values of ConfigMaps after substitution, and how containers use ConfigMaps and Secrets.

use std::collections::BTreeSet;

use serde_json::Value;

use super::entry::{self, entries, list, text, workload_of};
use super::fact::{Facts, add, unhashed};
use super::object::{name, namespace, text_at};
use super::pod;
use crate::regen::Catalogs;

/// Longer values stand in no catalog.
const MAX_VALUE: usize = 256;

/// Facts of rendered objects.
pub(super) fn rendered(objects: &[&Value], facts: &mut Facts) {
    for object in objects {
        if object["apiVersion"] == "v1" && object["kind"] == "ConfigMap" {
            for (key, value) in entries(&object["data"]) {
                let id = format!("{}/{} {key}", namespace(object), unhashed(name(object)));
                add(facts, "configMapValue", format!("{id} = {}", shown(text(value))));
            }
        }
        if let Some(pod) = pod::pod_spec(object) {
            let id = format!(
                "{} {}/{}",
                text_at(object, "/kind"),
                namespace(object),
                name(object)
            );
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
    let mut say = |container: &str, how: &str, kind: &str, used: &Value, key: &str, path: &str| {
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
                say(
                    own,
                    "env",
                    kind,
                    &from[field]["name"],
                    text(&from[field]["key"]),
                    "",
                );
            }
        }
        for entry in list(&container["envFrom"]) {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                say(own, "envFrom", kind, &entry[field]["name"], "", "");
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
                        say(own, "volume", kind, used, &key, path);
                    }
                }
            }
        }
    }
    for secret in list(&pod["imagePullSecrets"]) {
        say("", "imagePullSecret", "Secret", &secret["name"], "", "");
    }
    found
}

/// The keys that a mount shows: one that `items` or `subPath` pick, or all, which has no name.
fn keys(source: &Value, sub_path: Option<&str>) -> Vec<String> {
    let items: Vec<(&str, &str)> = list(&source["items"])
        .map(|item| (text(&item["key"]), text(&item["path"])))
        .collect();
    match (items.is_empty(), sub_path) {
        (true, None) => vec![String::new()],
        (true, Some(sub_path)) => vec![sub_path.to_owned()],
        (false, None) => items.into_iter().map(|(key, _)| key.to_owned()).collect(),
        (false, Some(sub_path)) => items
            .into_iter()
            .filter(|(_, path)| *path == sub_path || path.starts_with(&format!("{sub_path}/")))
            .map(|(key, _)| key.to_owned())
            .collect(),
    }
}

/// Facts of the catalogs.
pub(super) fn catalog(catalogs: &Catalogs, facts: &mut Facts) {
    let services = &catalogs.services["services"];
    let config_maps = &catalogs.configmaps["configMaps"];
    for (key, config) in entries(config_maps) {
        if !matches!(text(&config["generatedBy"]), "kustomization" | "manifest") {
            continue;
        }
        let id = format!(
            "{}/{}",
            text(&config["namespace"]),
            unhashed(entry::name(key, config))
        );
        for (field, written) in entries(&config["keys"]) {
            let value = match &config["resolved"][field] {
                Value::Null => written,
                resolved => resolved,
            };
            match value {
                Value::String(value) => add(
                    facts,
                    "configMapValue",
                    format!("{id} {field} = {}", shown(value)),
                ),
                long => {
                    if let Some(lines) = long["lines"].as_u64() {
                        add(facts, "configMapValue", format!("{id} {field} = {lines} lines"));
                    }
                }
            }
        }
    }
    let maps = [
        ("ConfigMap", config_maps),
        ("Secret", &catalogs.secrets_map["references"]),
    ];
    for (kind, map) in maps {
        for (key, entry) in entries(map) {
            let used = unhashed(entry::name(key, entry));
            for usage in list(&entry["usage"]).filter(|usage| usage["how"] != "csi") {
                let Some(id) = usage["service"]
                    .as_str()
                    .and_then(|service| workload_of(&services[service]))
                else {
                    continue;
                };
                add(
                    facts,
                    "usage",
                    format!(
                        "{id} {} {} {kind}/{used} {} {}",
                        text(&usage["container"]),
                        text(&usage["how"]),
                        text(&usage["key"]),
                        text(&usage["mountPath"])
                    ),
                );
            }
        }
    }
}

/// Takes out of both sides the values that no catalog may or can state: credentials, and unknown variables, which Flux
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

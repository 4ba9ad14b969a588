//! ExternalSecrets, and the objects that make the Secrets that workloads read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalog::{self, workload_of};
use super::fact::{Facts, add, unhashed};
use super::pod;
use crate::json::{entries, full_name, list, name, namespace, text, text_at};
use crate::regen::Catalogs;

/// Kinds that make Secrets, and the field with the Secret's name.
const PRODUCERS: [(&str, &str, &str); 6] = [
    ("external-secrets.io/", "ExternalSecret", "/spec/target/name"),
    ("bitnami.com/", "SealedSecret", "/metadata/name"),
    ("cert-manager.io/", "Certificate", "/spec/secretName"),
    (
        "secrets.hashicorp.com/",
        "VaultStaticSecret",
        "/spec/destination/name",
    ),
    (
        "secrets.hashicorp.com/",
        "VaultDynamicSecret",
        "/spec/destination/name",
    ),
    ("v1", "Secret", "/metadata/name"),
];

/// Facts of rendered objects.
pub(super) fn rendered(objects: &[&Value], facts: &mut Facts) {
    let mut producers: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for object in objects {
        let api_version = text_at(object, "/apiVersion");
        let producer = PRODUCERS
            .iter()
            .find(|(group, kind, _)| object["kind"] == **kind && api_version.starts_with(group));
        if let Some((_, kind, path)) = producer {
            let target = match text_at(object, path) {
                "" => name(object),
                target => target,
            };
            producers
                .entry((namespace(object), unhashed(target)))
                .or_insert_with(|| format!("{kind}/{}", unhashed(name(object))));
        }
        for secret in list(&object["spec"]["secretObjects"]) {
            if object["kind"] == "SecretProviderClass" {
                producers
                    .entry((namespace(object), text(&secret["secretName"])))
                    .or_insert_with(|| format!("SecretProviderClass/{}", name(object)));
            }
        }
        match text_at(object, "/kind") {
            "ExternalSecret" => external_secret(object, &object["spec"], facts),
            "ClusterExternalSecret" => external_secret(object, &object["spec"]["externalSecretSpec"], facts),
            _ => {}
        }
    }
    for object in objects {
        for used in pod::pod_spec(object).map(pod::secrets).unwrap_or_default() {
            let secret = (namespace(object), unhashed(used));
            if let Some(by) = producers.get(&secret) {
                add(facts, "madeBy", format!("{}/{} {by}", secret.0, secret.1));
            }
        }
    }
}

fn external_secret(object: &Value, spec: &Value, facts: &mut Facts) {
    let target = spec["target"]["name"].as_str().unwrap_or(name(object));
    let id = full_name(object);
    let store = text(&spec["secretStoreRef"]["name"]);
    add(facts, "externalSecret", format!("{id} {target} from {store}"));
    for data in list(&spec["data"]) {
        let (key, remote) = (text(&data["secretKey"]), &data["remoteRef"]);
        let fact = format!(
            "{id} {key} = {} {}",
            text(&remote["key"]),
            text(&remote["property"])
        );
        add(facts, "externalSecret", fact);
    }
    for key in list(&spec["dataFrom"]).filter_map(|from| from["extract"]["key"].as_str()) {
        add(facts, "externalSecret", format!("{id} extract: {key}"));
    }
}

/// Facts of the catalogs.
pub(super) fn catalog(catalogs: &Catalogs, facts: &mut Facts) {
    for (key, secret) in entries(&catalogs.secrets_map["externalSecrets"]) {
        let id = catalog::full_name(key, secret);
        let (target, store) = (text(&secret["target"]), text(&secret["store"]["name"]));
        add(facts, "externalSecret", format!("{id} {target} from {store}"));
        for data in list(&secret["data"]) {
            let (key, property) = (text(&data["secretKey"]), text(&data["property"]));
            let remote = data["resolved"]["key"].as_str().unwrap_or(text(&data["key"]));
            add(
                facts,
                "externalSecret",
                format!("{id} {key} = {remote} {property}"),
            );
        }
        // Other forms of `dataFrom` name no key.
        for from in list(&secret["dataFrom"]).map(text) {
            if let Some(key) = from.strip_prefix("extract: ") {
                let key = key.split('#').next().unwrap_or(key);
                add(facts, "externalSecret", format!("{id} extract: {key}"));
            }
        }
    }
    for (_, service) in entries(&catalogs.services["services"]) {
        if workload_of(service).is_none() {
            continue;
        }
        for key in list(&service["secrets"]).map(text) {
            let reference = &catalogs.secrets_map["references"][key];
            let Some((kind, by)) = reference["producedBy"].as_str().and_then(|by| by.split_once('/')) else {
                continue;
            };
            if PRODUCERS.iter().any(|(_, known, _)| *known == kind) || kind == "SecretProviderClass" {
                // Keys of objects with the same name include their namespace.
                let by = by.rsplit('/').next().unwrap_or(by);
                let id = catalog::full_name(key, reference);
                add(facts, "madeBy", format!("{id} {kind}/{by}"));
            }
        }
    }
}

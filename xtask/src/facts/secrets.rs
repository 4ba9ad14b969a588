//! ExternalSecrets, and what makes the Secrets that workloads read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::entry::{self, entries, list, text};
use super::fact::{Facts, add, unhashed};
use super::object::{name, namespace, text_at};
use super::pod;
use crate::regen::Catalogs;

/// Kinds that make Secrets, and where each says the name.
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
    let mut made: BTreeMap<(&str, &str), String> = BTreeMap::new();
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
            made.entry((namespace(object), unhashed(target)))
                .or_insert_with(|| format!("{kind}/{}", unhashed(name(object))));
        }
        for secret in list(&object["spec"]["secretObjects"]) {
            if object["kind"] == "SecretProviderClass" {
                made.entry((namespace(object), text(&secret["secretName"])))
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
            if let Some(by) = made.get(&(namespace(object), unhashed(used))) {
                add(
                    facts,
                    "madeBy",
                    format!("{}/{} {by}", namespace(object), unhashed(used)),
                );
            }
        }
    }
}

fn external_secret(object: &Value, spec: &Value, facts: &mut Facts) {
    let target = spec["target"]["name"].as_str().unwrap_or(name(object));
    let id = format!("{}/{}", namespace(object), name(object));
    let store = text(&spec["secretStoreRef"]["name"]);
    add(facts, "externalSecret", format!("{id} {target} from {store}"));
    for data in list(&spec["data"]) {
        let remote = &data["remoteRef"];
        add(
            facts,
            "externalSecret",
            format!(
                "{id} {} = {} {}",
                text(&data["secretKey"]),
                text(&remote["key"]),
                text(&remote["property"])
            ),
        );
    }
    for key in list(&spec["dataFrom"]).filter_map(|from| from["extract"]["key"].as_str()) {
        add(facts, "externalSecret", format!("{id} extract: {key}"));
    }
}

/// Facts of the catalogs.
pub(super) fn catalog(catalogs: &Catalogs, facts: &mut Facts) {
    for (key, secret) in entries(&catalogs.secrets_map["externalSecrets"]) {
        let id = format!("{}/{}", text(&secret["namespace"]), entry::name(key, secret));
        let store = text(&secret["store"]["name"]);
        add(
            facts,
            "externalSecret",
            format!("{id} {} from {store}", text(&secret["target"])),
        );
        for data in list(&secret["data"]) {
            let remote = data["resolved"]["key"].as_str().unwrap_or(text(&data["key"]));
            add(
                facts,
                "externalSecret",
                format!(
                    "{id} {} = {remote} {}",
                    text(&data["secretKey"]),
                    text(&data["property"])
                ),
            );
        }
        // Other forms of `dataFrom` are not rendered into a key.
        for from in list(&secret["dataFrom"]).map(text) {
            if let Some(key) = from.strip_prefix("extract: ") {
                let key = key.split('#').next().unwrap_or(key);
                add(facts, "externalSecret", format!("{id} extract: {key}"));
            }
        }
    }
    for (_, service) in entries(&catalogs.services["services"]) {
        if entry::workload_of(service).is_none() {
            continue;
        }
        for key in list(&service["secrets"]).map(text) {
            let reference = &catalogs.secrets_map["references"][key];
            let Some((kind, by)) = reference["producedBy"].as_str().and_then(|by| by.split_once('/')) else {
                continue;
            };
            if PRODUCERS.iter().any(|(_, known, _)| *known == kind) || kind == "SecretProviderClass" {
                // Keys of a clash carry their namespace.
                let by = by.rsplit('/').next().unwrap_or(by);
                let id = format!(
                    "{}/{}",
                    text(&reference["namespace"]),
                    entry::name(key, reference)
                );
                add(facts, "madeBy", format!("{id} {kind}/{by}"));
            }
        }
    }
}

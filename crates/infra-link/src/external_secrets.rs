//! Catalog entries of ExternalSecrets and ClusterExternalSecrets.
//!
//! Types: <https://external-secrets.io/latest/api/externalsecret/>.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use infra_model::secrets::{ExternalSecret, ExternalSecretData, StoreRef};
use infra_model::{Key, KeyTable, ObjectRef};

use crate::copies::Namespace;
use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};
use crate::keys;
use crate::kinds::external_secret::{GROUP, KINDS, namespaces, spec, target, template};
use crate::linker::Linker;
use crate::uses::Used;
use crate::view::View;

/// Keys of this map.
pub(crate) fn keys(inventory: &Inventory<'_>) -> KeyTable {
    keys::of_kinds(inventory, GROUP, KINDS)
}

/// The map `external_secrets`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, ExternalSecret> {
    let inventory = linker.inventory;
    let known = LazyCell::new(|| Namespace::all(inventory));
    let mut secrets = BTreeMap::new();
    for object in inventory.of_kinds(GROUP, KINDS) {
        let Some(key) = linker
            .external_secret_keys
            .find(object.kind, object.namespace, object.name)
            .cloned()
        else {
            continue;
        };
        let view = inventory.view(object);
        let namespaces = match object.kind {
            "ClusterExternalSecret" => distinct(namespaces(&known, view).made_in),
            _ => Vec::new(),
        };
        let mut secret = external_secret(inventory, object, view, &namespaces);
        if let Some(made) = target(object, view) {
            secret.copied_to = linker.producers.copied_to(Used::Secret, object.namespace, made);
            secret.used_by = if object.kind == "ClusterExternalSecret" {
                users_anywhere(linker, made, &format!("{}/{key}", object.kind))
            } else {
                linker.users_of_secret(object.namespace, made)
            };
        }
        secrets.insert(key, secret);
    }
    secrets
}

/// The readers of a Secret that is made in several namespaces, other than those where something else makes it.
fn users_anywhere(linker: &Linker<'_>, made: &str, by: &str) -> Vec<String> {
    let producers = linker.producers;
    let is_made_by = |name: &ObjectRef| {
        let producer = producers.made_by(Used::Secret, &name.namespace, &name.name);
        let may_be = || producers.copies_into(Used::Secret, &name.namespace, made);
        name.name == made && producer.map_or_else(may_be, |producer| producer == by)
    };
    let users = linker.secret_users.iter().filter(|(name, _)| is_made_by(name));
    distinct(users.flat_map(|(_, users)| users.iter().cloned()))
}

fn external_secret(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    view: View<'_>,
    namespaces: &[&str],
) -> ExternalSecret {
    let spec = spec(object, view);
    let text = |path: &[&str]| spec.and_then(|spec| spec.text_at(path)).map(str::to_owned);
    let list = |field: &'static str| spec.into_iter().flat_map(move |spec| spec.items_of(field));
    let store_name = text(&["secretStoreRef", "name"]);
    let store_kind =
        text(&["secretStoreRef", "kind"]).or_else(|| store_name.as_ref().map(|_| "SecretStore".to_owned()));
    ExternalSecret {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        kind: (object.kind != "ExternalSecret").then(|| object.kind.to_owned()),
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        store: store_kind.is_some().then_some(StoreRef {
            kind: store_kind,
            name: store_name,
        }),
        target: target(object, view)
            .or_else(|| spec.and_then(|spec| spec.text_at(&["target", "name"])))
            .unwrap_or(object.name)
            .to_owned(),
        refresh_interval: text(&["refreshInterval"]),
        refresh_policy: text(&["refreshPolicy"]),
        data: list("data")
            .filter_map(|data| {
                Some(ExternalSecretData {
                    secret_key: data.text_of("secretKey")?.to_owned(),
                    key: data.written_at(&["remoteRef", "key"]).unwrap_or_default(),
                    property: data.text_at(&["remoteRef", "property"]).map(str::to_owned),
                    ..ExternalSecretData::default()
                })
            })
            .collect(),
        data_from: list("dataFrom").map(data_from).collect(),
        template: spec.and_then(|spec| template(inventory, object, spec)),
        copied_to: None,
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        used_by: Vec::new(),
        source: inventory.source(object),
    }
}

/// `extract: key`, `find: pattern`, `generator: Kind/name`
fn data_from(item: View<'_>) -> String {
    if let Some(key) = item.text_at(&["extract", "key"]) {
        return match item.text_at(&["extract", "property"]) {
            Some(property) => format!("extract: {key}#{property}"),
            None => format!("extract: {key}"),
        };
    }
    if let Some(find) = item.get("find") {
        let pattern = find.text_at(&["name", "regexp"]);
        return match (find.text_of("path"), pattern) {
            (Some(path), Some(pattern)) => format!("find: {path} {pattern}"),
            (Some(text), None) | (None, Some(text)) => format!("find: {text}"),
            (None, None) => "find: tags".to_owned(),
        };
    }
    match (
        item.text_at(&["sourceRef", "generatorRef", "kind"]),
        item.text_at(&["sourceRef", "generatorRef", "name"]),
    ) {
        (Some(kind), Some(name)) => format!("generator: {kind}/{name}"),
        _ => item
            .text_of("key")
            .map_or_else(|| "unknown".to_owned(), |key| format!("extract: {key}")),
    }
}

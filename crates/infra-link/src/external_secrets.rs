//! Catalog entries of ExternalSecrets and ClusterExternalSecrets.
//!
//! Types: <https://external-secrets.io/latest/api/externalsecret/>.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::{ExternalSecret, ExternalSecretData, StoreRef};
use infra_model::{Key, KeyTable};

use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::keys;
use crate::kinds::external_secret::{GROUP, KINDS, namespaces, spec, target, template};
use crate::linker::Linker;
use crate::secret_entry::{Applied, applied};
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
    for object in KINDS.iter().flat_map(|kind| inventory.of(GROUP, kind)) {
        let Some(key) = linker.external_secret_keys.get(&object.object_name()).cloned() else {
            continue;
        };
        let view = inventory.view(object);
        let made = target(object, view);
        let namespaces = match object.kind {
            "ClusterExternalSecret" => namespaces(&known, view).made_in.into_iter().collect(),
            _ => BTreeSet::new(),
        };
        let mut secret = external_secret(inventory, object, view, &namespaces);
        if let Some(made) = made {
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

/// Who reads a Secret that is made in several namespaces: in those where nothing else makes it.
fn users_anywhere(linker: &Linker<'_>, made: &str, by: &str) -> Vec<String> {
    let mut users: Vec<String> = linker
        .secret_users
        .iter()
        .filter(|(name, _)| {
            let producer = linker
                .producers
                .made_by(Used::Secret, &name.namespace, &name.name);
            let may_be = || linker.producers.copies_into(Used::Secret, &name.namespace, made);
            name.name == made && producer.map_or_else(may_be, |producer| producer == by)
        })
        .flat_map(|(_, users)| users.iter().cloned())
        .collect();
    users.sort_unstable();
    users.dedup();
    users
}

fn external_secret(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    view: View<'_>,
    namespaces: &BTreeSet<&str>,
) -> ExternalSecret {
    let spec = spec(object, view);
    let text = |path: &[&str]| spec.and_then(|spec| spec.text_at(path)).map(str::to_owned);
    let list = |field: &str| {
        spec.and_then(|spec| spec.get(field))
            .into_iter()
            .flat_map(View::items)
    };
    let store_name = text(&["secretStoreRef", "name"]);
    let store_kind =
        text(&["secretStoreRef", "kind"]).or_else(|| store_name.as_ref().map(|_| "SecretStore".to_owned()));
    let Applied {
        name,
        namespace,
        kustomization,
        also_applied_by,
        source,
    } = applied(inventory, object);
    ExternalSecret {
        name,
        namespace,
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
        kustomization,
        also_applied_by,
        used_by: Vec::new(),
        source,
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

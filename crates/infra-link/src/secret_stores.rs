//! Catalog entries of SecretStores and ClusterSecretStores.
//!
//! Types: <https://external-secrets.io/latest/api/secretstore/>.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::SecretStore;
use infra_model::{Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, Object};
use crate::keys;
use crate::kinds::external_secret::{self, GROUP, STORES};
use crate::kinds::push_secret;
use crate::kinds::source;
use crate::linker::Linker;
use crate::view::View;

/// Keys of this map.
pub(crate) fn keys(inventory: &Inventory<'_>) -> KeyTable {
    keys::of_kinds(inventory, GROUP, STORES)
}

/// The map `secret_stores`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SecretStore> {
    let inventory = linker.inventory;
    let mut stores = BTreeMap::new();
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for object in inventory.of_kinds(GROUP, external_secret::KINDS) {
        let key = linker
            .external_secret_keys
            .find(object.kind, object.namespace, object.name);
        let key = key.map_or(object.name, |key| key);
        for store in external_secret::stores(object, inventory.view(object)) {
            users
                .entry(store)
                .or_default()
                .insert(format!("{}/{key}", object.kind));
        }
    }
    for object in inventory.of(GROUP, "PushSecret") {
        for store in push_secret::stores(object, inventory.view(object)) {
            let user = linker.object_keys.kind_key(object);
            users.entry(store).or_default().insert(user);
        }
    }
    for object in inventory.of_kinds(GROUP, STORES) {
        let name = object.object_name();
        let Some(key) = linker.secret_store_keys.get(&name).cloned() else {
            continue;
        };
        let mut store = store(inventory, object);
        store.used_by = users.remove(&name).unwrap_or_default().into_iter().collect();
        stores.insert(key, store);
    }
    stores
}

fn store(inventory: &Inventory<'_>, object: &Object<'_>) -> SecretStore {
    let view = inventory.view(object);
    // Exactly one provider is set.
    let provider = view.entries_at(&["spec", "provider"]).next();
    let config = provider.map(|(_, config)| config);
    let written = |paths: &[&[&str]]| paths.iter().find_map(|path| config?.written_at(path));
    let mut server = written(&[
        &["server"],
        &["vaultUrl"],
        &["url"],
        &["connectHost"],
        &["hostAPI"],
        &["apiUrl"],
    ]);
    if let Some(server) = &mut server {
        server.written = source::without_credentials(&server.written);
        server.resolved = server.resolved.as_deref().map(source::without_credentials);
    }
    let auth = config.and_then(|config| first_method(config.get("auth")?));
    let of_auth = |key: &str| auth.and_then(|auth| auth.written_at(&[key]));
    SecretStore {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        kind: object.kind.to_owned(),
        provider: provider.map(|(name, _)| name.to_owned()),
        server,
        path: written(&[&["path"]]),
        version: config
            .and_then(|config| config.text_of("version"))
            .map(str::to_owned),
        auth_mount: of_auth("mountPath").or_else(|| of_auth("path")),
        role: of_auth("role")
            .or_else(|| of_auth("vaultRole"))
            .or_else(|| written(&[&["role"]])),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        source: inventory.source(object),
        ..SecretStore::default()
    }
}

/// The one method of `auth` that is set, `kubernetes` first.
fn first_method(auth: View<'_>) -> Option<View<'_>> {
    let is_set = |method: &View<'_>| method.node.as_mapping().is_some();
    let mut methods = auth.entries().map(|(_, method)| method);
    let kubernetes = auth.get("kubernetes").filter(is_set);
    kubernetes.or_else(|| methods.find(is_set))
}

//! Catalog entries of SecretStores and ClusterSecretStores.
//!
//! Types: <https://external-secrets.io/latest/api/secretstore/>.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::SecretStore;
use infra_model::{Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, Object};
use crate::keys;
use crate::kinds::external_secret::{self, GROUP};
use crate::kinds::push_secret;
use crate::kinds::source;
use crate::linker::Linker;
use crate::secret_entry::{Applied, applied};
use crate::view::View;

const KINDS: &[&str] = &["SecretStore", "ClusterSecretStore"];

/// Keys of this map.
pub(crate) fn keys(inventory: &Inventory<'_>) -> KeyTable {
    keys::of_kinds(inventory, GROUP, KINDS)
}

/// The map `secret_stores`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SecretStore> {
    let inventory = linker.inventory;
    let mut stores = BTreeMap::new();
    let mut users: BTreeMap<ObjectRef, BTreeSet<String>> = BTreeMap::new();
    for kind in external_secret::KINDS {
        for object in inventory.of(GROUP, kind) {
            let key = linker.external_secret_keys.get(&object.object_name());
            let key = key.cloned().unwrap_or_else(|| object.name.to_owned());
            for store in external_secret::stores(object, inventory.view(object)) {
                users.entry(store).or_default().insert(format!("{kind}/{key}"));
            }
        }
    }
    // What writes to a store uses it, too.
    for object in inventory.of(GROUP, "PushSecret") {
        for store in push_secret::stores(object, inventory.view(object)) {
            users
                .entry(store)
                .or_default()
                .insert(linker.object_keys.kind_key(object));
        }
    }
    for object in KINDS.iter().flat_map(|kind| inventory.of(GROUP, kind)) {
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
    let provider = view
        .at(&["spec", "provider"])
        .and_then(|provider| provider.entries().next());
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
    let auth = config
        .and_then(|config| config.get("auth"))
        .and_then(first_method);
    let Applied {
        name,
        namespace,
        kustomization,
        also_applied_by,
        source,
    } = applied(inventory, object);
    SecretStore {
        name,
        namespace,
        kind: object.kind.to_owned(),
        provider: provider.map(|(name, _)| name.to_owned()),
        server,
        path: written(&[&["path"]]),
        version: config
            .and_then(|config| config.text_of("version"))
            .map(str::to_owned),
        auth_mount: auth.and_then(|auth| {
            auth.written_at(&["mountPath"])
                .or_else(|| auth.written_at(&["path"]))
        }),
        role: auth
            .and_then(|auth| auth.written_at(&["role"]))
            .or_else(|| auth.and_then(|auth| auth.written_at(&["vaultRole"])))
            .or_else(|| written(&[&["role"]])),
        kustomization,
        also_applied_by,
        source,
        ..SecretStore::default()
    }
}

/// The one method of `auth` that is set, `kubernetes` first.
fn first_method(auth: View<'_>) -> Option<View<'_>> {
    let methods = || {
        auth.entries()
            .filter(|(_, method)| method.node.as_mapping().is_some())
    };
    methods()
        .find(|(name, _)| *name == "kubernetes")
        .or_else(|| methods().next())
        .map(|(_, method)| method)
}

//! Catalog entries of VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets, and of the secrets that the Vault agent
//! injector writes into pods (`vault_agent.rs`).
//!
//! Types: <https://developer.hashicorp.com/vault/docs/platform/k8s/vso/api-reference>.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::VaultSecret;
use infra_model::{Key, KeyTable, ObjectRef, Written};

use crate::inventory::{Inventory, Object};
use crate::kinds::vault_secret::{GROUP, KINDS, destination};
use crate::linker::Linker;
use crate::vault_agent;
use crate::view::View;

/// Keys of this map.
pub(crate) fn keys(inventory: &Inventory<'_>, injected: &[vault_agent::Injected]) -> KeyTable {
    let stated = inventory.of_kinds(GROUP, KINDS).map(Object::object_name);
    KeyTable::new(stated.chain(injected.iter().map(|file| file.name.clone())))
}

/// The map `vault_secrets`, with what the Vault agent injects.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, VaultSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    let auths = KeyTable::new(inventory.of(GROUP, "VaultAuth").map(Object::object_name));
    for object in inventory.of_kinds(GROUP, KINDS) {
        let Some(key) = linker
            .vault_secret_keys
            .find(object.kind, object.namespace, object.name)
            .cloned()
        else {
            continue;
        };
        let view = inventory.view(object);
        let mut secret = vault_secret(inventory, object, view, &auths);
        let mut users: BTreeSet<String> = BTreeSet::new();
        if let Some(destination) = destination(view) {
            users.extend(linker.users_of_secret(object.namespace, destination));
        }
        // The operator restarts the readers of the Secret, so a restart target is one.
        for target in view.items_at(&["spec", "rolloutRestartTargets"]) {
            if let (Some(kind), Some(name)) = (target.text_of("kind"), target.text_of("name")) {
                users.extend(linker.service_key(object.namespace, kind, name));
            }
        }
        secret.used_by = users.into_iter().collect();
        secrets.insert(key, secret);
    }
    secrets.extend(injected(linker));
    secrets
}

/// The files that the Vault agent writes into pods.
fn injected(linker: &Linker<'_>) -> BTreeMap<Key, VaultSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    for file in linker.injected {
        let (Some(key), Some(candidate)) = (
            linker.vault_secret_keys.get(&file.name),
            linker.candidates.get(file.candidate),
        ) else {
            continue;
        };
        let secret = VaultSecret {
            name: file.name.name.to_string(),
            namespace: file.name.namespace.to_string(),
            kustomization: inventory.kustomization(candidate.object),
            also_applied_by: inventory.also_applied_by(candidate.object),
            used_by: vec![candidate.key.clone()],
            source: inventory.place(file.mark),
            kind: vault_agent::KIND.to_owned(),
            path: Some(file.path.clone()),
            auth: Some(file.auth.clone()),
            role: file.role.clone(),
            destination: Some(file.file.clone()),
            ..VaultSecret::default()
        };
        secrets.insert(key.clone(), secret);
    }
    secrets
}

fn vault_secret(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    view: View<'_>,
    auths: &KeyTable,
) -> VaultSecret {
    let written = |field: &str| view.at(&["spec", field]).and_then(View::written);
    let reference = view.text_at(&["spec", "vaultAuthRef"]);
    let auth_name = auth_name(object, reference);
    let auth = inventory.find(GROUP, "VaultAuth", &auth_name.namespace, &auth_name.name);
    let auth = auth.map(|auth| inventory.view(auth));
    VaultSecret {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        kind: object.kind.to_owned(),
        mount: written("mount"),
        path: written("path"),
        secret_type: view.text_at(&["spec", "type"]).map(str::to_owned),
        // The VaultAuth's key, or its name as stated if the repository has none.
        auth: reference.map(|reference| {
            let key = auths.get(&auth_name);
            key.cloned().unwrap_or_else(|| reference.to_owned())
        }),
        role: written("role").or_else(|| auth_role(auth?)),
        address: address(inventory, &auth_name.namespace, auth),
        destination: destination(view).map(str::to_owned),
        restarts: view
            .items_at(&["spec", "rolloutRestartTargets"])
            .filter_map(|target| Some(format!("{}/{}", target.text_of("kind")?, target.text_of("name")?)))
            .collect(),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        source: inventory.source(object),
        ..VaultSecret::default()
    }
}

/// Namespace and name of a VaultAuth reference; without one the operator's default is used.
fn auth_name(object: &Object<'_>, reference: Option<&str>) -> ObjectRef {
    let (namespace, name) = match reference {
        Some(text) => text.split_once('/').unwrap_or((object.namespace, text)),
        None => (object.namespace, "default"),
    };
    ObjectRef::new("VaultAuth", namespace, name)
}

/// The address of the VaultConnection of a VaultAuth: of the one that it names, else of `default` in its namespace
/// (<https://developer.hashicorp.com/vault/docs/platform/k8s/vso/api-reference#vaultauthspec>).
fn address(inventory: &Inventory<'_>, own_namespace: &str, auth: Option<View<'_>>) -> Option<String> {
    let connection = auth.and_then(|auth| auth.text_at(&["spec", "vaultConnectionRef"]));
    let connection = connection.unwrap_or("default");
    let (namespace, name) = connection.split_once('/').unwrap_or((own_namespace, connection));
    let connection = inventory.find(GROUP, "VaultConnection", namespace, name)?;
    let address = inventory.view(connection).text_at(&["spec", "address"])?;
    Some(redaction::without_credentials(address).into_owned())
}

/// The role that a VaultAuth states for its method.
fn auth_role(auth: View<'_>) -> Option<Written> {
    let mut methods = ["kubernetes", "jwt", "aws", "gcp", "appRole"].iter();
    methods.find_map(|method| auth.at(&["spec", method])?.written_at(&["role"]))
}

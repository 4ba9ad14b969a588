//! VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets turn into catalog entries, and so do the secrets that the
//! Vault agent injector writes into pods (`vault_agent.rs`).
//!
//! Types: <https://developer.hashicorp.com/vault/docs/platform/k8s/vso/api-reference>.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::secrets::VaultSecret;
use infra_model::{Key, KeyTable, ObjectRef};

use crate::inventory::{Inventory, Object};
use crate::kinds::vault_secret::{GROUP, KINDS, destination};
use crate::linker::Linker;
use crate::secret_entry::{Applied, applied};
use crate::vault_agent;
use crate::view::View;

/// Keys of this map.
pub(crate) fn keys(inventory: &Inventory<'_>, injected: &[vault_agent::Injected]) -> KeyTable {
    let stated = KINDS
        .iter()
        .flat_map(|kind| inventory.of(GROUP, kind))
        .map(Object::object_name);
    KeyTable::new(stated.chain(injected.iter().map(|one| one.name.clone())))
}

/// The map `vault_secrets`, with what the Vault agent injects.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, VaultSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    let auths = KeyTable::new(inventory.of(GROUP, "VaultAuth").map(Object::object_name));
    for object in KINDS.iter().flat_map(|kind| inventory.of(GROUP, kind)) {
        let Some(key) = linker.vault_secret_keys.get(&object.object_name()).cloned() else {
            continue;
        };
        let view = inventory.view(object);
        let mut secret = vault_secret(inventory, object, view, &auths);
        let mut users: BTreeSet<String> = BTreeSet::new();
        if let Some(destination) = destination(view) {
            users.extend(linker.users_of_secret(object.namespace, destination));
        }
        // The operator restarts who reads the Secret, so a restart target is a reader.
        for target in view
            .at(&["spec", "rolloutRestartTargets"])
            .into_iter()
            .flat_map(View::items)
        {
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
    for one in linker.injected {
        let Some(key) = linker.vault_secret_keys.get(&one.name).cloned() else {
            continue;
        };
        let Some(candidate) = linker.candidates.get(one.candidate) else {
            continue;
        };
        let secret = VaultSecret {
            name: one.name.name.clone(),
            namespace: one.name.namespace.clone(),
            kustomization: inventory.kustomization(candidate.object),
            also_applied_by: inventory.also_applied_by(candidate.object),
            used_by: vec![candidate.key.clone()],
            source: inventory.place(one.mark),
            kind: vault_agent::KIND.to_owned(),
            path: Some(one.path.clone()),
            auth: Some(one.auth.clone()),
            role: one.role.clone(),
            destination: Some(one.file.clone()),
            ..VaultSecret::default()
        };
        secrets.insert(key, secret);
    }
    secrets
}

fn vault_secret(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    view: View<'_>,
    auths: &KeyTable,
) -> VaultSecret {
    let spec = |field: &str| view.at(&["spec", field]);
    let auth = view.text_at(&["spec", "vaultAuthRef"]);
    let Applied {
        name,
        namespace,
        kustomization,
        also_applied_by,
        source,
    } = applied(inventory, object);
    VaultSecret {
        name,
        namespace,
        kind: object.kind.to_owned(),
        mount: spec("mount").and_then(View::written),
        path: spec("path").and_then(View::written),
        secret_type: view.text_at(&["spec", "type"]).map(str::to_owned),
        auth: auth.map(|auth| auth_key(auths, object, auth)),
        role: spec("role")
            .and_then(View::written)
            .or_else(|| auth_role(inventory, object, auth)),
        address: address(inventory, object, auth),
        destination: destination(view).map(str::to_owned),
        restarts: spec("rolloutRestartTargets")
            .into_iter()
            .flat_map(View::items)
            .filter_map(|target| Some(format!("{}/{}", target.text_of("kind")?, target.text_of("name")?)))
            .collect(),
        kustomization,
        also_applied_by,
        source,
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

/// The VaultAuth's key, or its name as stated where the repository has none.
fn auth_key(auths: &KeyTable, object: &Object<'_>, reference: &str) -> String {
    let name = auth_name(object, Some(reference));
    auths.get(&name).cloned().unwrap_or_else(|| reference.to_owned())
}

/// The address of the VaultConnection of a VaultAuth: the one it names, else that of its namespace called `default`
/// (<https://developer.hashicorp.com/vault/docs/platform/k8s/vso/api-reference#vaultauthspec>).
fn address(inventory: &Inventory<'_>, object: &Object<'_>, reference: Option<&str>) -> Option<String> {
    let auth = auth_name(object, reference);
    let connection = inventory
        .find(GROUP, "VaultAuth", &auth.namespace, &auth.name)
        .and_then(|auth| inventory.view(auth).text_at(&["spec", "vaultConnectionRef"]))
        .unwrap_or("default");
    let (namespace, name) = connection
        .split_once('/')
        .unwrap_or((auth.namespace.as_str(), connection));
    let connection = inventory.find(GROUP, "VaultConnection", namespace, name)?;
    let address = inventory.view(connection).text_at(&["spec", "address"])?;
    Some(redaction::without_credentials(address).into_owned())
}

fn auth_role(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    reference: Option<&str>,
) -> Option<infra_model::Written> {
    let name = auth_name(object, reference);
    let auth = inventory.find(GROUP, "VaultAuth", &name.namespace, &name.name)?;
    let view = inventory.view(auth);
    ["kubernetes", "jwt", "aws", "gcp", "appRole"]
        .iter()
        .find_map(|method| view.at(&["spec", method])?.written_at(&["role"]))
}

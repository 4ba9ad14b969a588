//! What is fetched into the cluster by operators: ExternalSecrets, their stores, and Vault's own secrets.

use infra_model::Written;
use infra_model::secrets::{ExternalSecret, ExternalSecretData, SecretStore, VaultSecret};

use super::{Common, common, common_model};
use crate::convert::common::{resolved, text, written};
use crate::layout::{
    ExternalSecretDataEntry, ExternalSecretEntry, ResolvedExternalSecretData, ResolvedStore,
    ResolvedVaultSecret, SecretStoreEntry, StoreRef, VaultSecretEntry,
};

pub(crate) fn external_secret_entry(key: &str, secret: &ExternalSecret) -> ExternalSecretEntry {
    let ExternalSecret {
        entry,
        store_kind,
        store_name,
        target,
        refresh_interval,
        data,
        data_from,
    } = secret.clone();
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, &entry);
    ExternalSecretEntry {
        name,
        namespace,
        store: (store_kind.is_some() || store_name.is_some()).then_some(StoreRef {
            kind: store_kind,
            name: store_name,
        }),
        target,
        refresh_interval,
        data: data
            .into_iter()
            .map(
                |ExternalSecretData {
                     secret_key,
                     key,
                     property,
                 }| ExternalSecretDataEntry {
                    secret_key,
                    key: key.written,
                    property,
                    resolved: ResolvedExternalSecretData { key: key.resolved },
                },
            )
            .collect(),
        data_from,
        kustomization,
        also_applied_by,
        used_by,
        source,
    }
}

pub(crate) fn external_secret(key: &str, entry: ExternalSecretEntry) -> ExternalSecret {
    let ExternalSecretEntry {
        name,
        namespace,
        store,
        target,
        refresh_interval,
        data,
        data_from,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = entry;
    let common = Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    };
    let StoreRef {
        kind: store_kind,
        name: store_name,
    } = store.unwrap_or_default();
    ExternalSecret {
        entry: common_model(key, common),
        store_kind,
        store_name,
        target,
        refresh_interval,
        data: data
            .into_iter()
            .map(
                |ExternalSecretDataEntry {
                     secret_key,
                     key,
                     property,
                     resolved,
                 }| ExternalSecretData {
                    secret_key,
                    key: Written {
                        written: key,
                        resolved: resolved.key,
                    },
                    property,
                },
            )
            .collect(),
        data_from,
    }
}

pub(crate) fn store_entry(key: &str, store: &SecretStore) -> SecretStoreEntry {
    let SecretStore {
        entry,
        kind,
        provider,
        server,
        path,
        version,
        auth_mount,
        role,
    } = store;
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, entry);
    SecretStoreEntry {
        name,
        namespace,
        kind: kind.clone(),
        provider: provider.clone(),
        server: written(server.as_ref()),
        path: written(path.as_ref()),
        version: version.clone(),
        auth_mount: written(auth_mount.as_ref()),
        role: written(role.as_ref()),
        resolved: ResolvedStore {
            server: resolved(server.as_ref()),
            path: resolved(path.as_ref()),
            auth_mount: resolved(auth_mount.as_ref()),
            role: resolved(role.as_ref()),
        },
        kustomization,
        also_applied_by,
        used_by,
        source,
    }
}

pub(crate) fn store(key: &str, entry: SecretStoreEntry) -> SecretStore {
    let SecretStoreEntry {
        name,
        namespace,
        kind,
        provider,
        server,
        path,
        version,
        auth_mount,
        role,
        resolved,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = entry;
    let common = Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    };
    SecretStore {
        entry: common_model(key, common),
        kind,
        provider,
        server: text(server, resolved.server),
        path: text(path, resolved.path),
        version,
        auth_mount: text(auth_mount, resolved.auth_mount),
        role: text(role, resolved.role),
    }
}

pub(crate) fn vault_secret_entry(key: &str, secret: &VaultSecret) -> VaultSecretEntry {
    let VaultSecret {
        entry,
        kind,
        mount,
        path,
        secret_type,
        auth,
        role,
        destination,
        restarts,
    } = secret;
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, entry);
    VaultSecretEntry {
        name,
        namespace,
        kind: kind.clone(),
        mount: written(mount.as_ref()),
        path: written(path.as_ref()),
        secret_type: secret_type.clone(),
        auth: auth.clone(),
        role: written(role.as_ref()),
        destination: destination.clone(),
        restarts: restarts.clone(),
        resolved: ResolvedVaultSecret {
            mount: resolved(mount.as_ref()),
            path: resolved(path.as_ref()),
            role: resolved(role.as_ref()),
        },
        kustomization,
        also_applied_by,
        used_by,
        source,
    }
}

pub(crate) fn vault_secret(key: &str, entry: VaultSecretEntry) -> VaultSecret {
    let VaultSecretEntry {
        name,
        namespace,
        kind,
        mount,
        path,
        secret_type,
        auth,
        role,
        destination,
        restarts,
        resolved,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = entry;
    let common = Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    };
    VaultSecret {
        entry: common_model(key, common),
        kind,
        mount: text(mount, resolved.mount),
        path: text(path, resolved.path),
        secret_type,
        auth,
        role: text(role, resolved.role),
        destination,
        restarts,
    }
}

//! SecretProviderClasses.

use std::collections::BTreeMap;

use infra_model::secrets::{Mount, ProvidedSecret, RemoteRef, SecretObject, SecretProviderClass};
use infra_model::{Written, WrittenMap};

use super::{Common, common, common_model};
use crate::convert::common::{resolved, text, written};
use crate::layout::{
    MountEntry, ProvidedSecretEntry, RemoteRefEntry, ResolvedClass, ResolvedProvidedSecret,
    ResolvedRemoteRef, SecretObjectEntry, SecretProviderClassEntry,
};

pub(crate) fn class_entry(key: &str, class: &SecretProviderClass) -> SecretProviderClassEntry {
    let SecretProviderClass {
        entry,
        api_version,
        provider,
        vault_role,
        vault_mount_path,
        vault_address,
        vault_namespace,
        keyvault_name,
        tenant_id,
        region,
        parameters,
        secrets,
        secret_objects,
    } = class;
    let Common {
        name,
        namespace,
        kustomization,
        also_applied_by,
        used_by,
        source,
    } = common(key, entry);
    SecretProviderClassEntry {
        name,
        namespace,
        provider: provider.clone(),
        vault_role: written(vault_role.as_ref()),
        vault_mount_path: written(vault_mount_path.as_ref()),
        secrets: secrets.iter().map(provided_entry).collect(),
        used_by,
        api_version: api_version.clone(),
        vault_address: written(vault_address.as_ref()),
        vault_namespace: written(vault_namespace.as_ref()),
        keyvault_name: written(keyvault_name.as_ref()),
        tenant_id: written(tenant_id.as_ref()),
        region: written(region.as_ref()),
        parameters: parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.written.clone()))
            .collect(),
        secret_objects: secret_objects
            .iter()
            .cloned()
            .map(
                |SecretObject {
                     secret_name,
                     kind,
                     keys,
                 }| SecretObjectEntry {
                    secret_name,
                    kind,
                    keys,
                },
            )
            .collect(),
        resolved: ResolvedClass {
            vault_role: resolved(vault_role.as_ref()),
            vault_mount_path: resolved(vault_mount_path.as_ref()),
            vault_address: resolved(vault_address.as_ref()),
            vault_namespace: resolved(vault_namespace.as_ref()),
            keyvault_name: resolved(keyvault_name.as_ref()),
            tenant_id: resolved(tenant_id.as_ref()),
            region: resolved(region.as_ref()),
            parameters: parameters
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.resolved.clone()?)))
                .collect(),
        },
        kustomization,
        also_applied_by,
        source,
    }
}

pub(crate) fn class(key: &str, entry: SecretProviderClassEntry) -> SecretProviderClass {
    let SecretProviderClassEntry {
        name,
        namespace,
        provider,
        vault_role,
        vault_mount_path,
        secrets,
        used_by,
        api_version,
        vault_address,
        vault_namespace,
        keyvault_name,
        tenant_id,
        region,
        parameters,
        secret_objects,
        resolved,
        kustomization,
        also_applied_by,
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
    SecretProviderClass {
        entry: common_model(key, common),
        api_version,
        provider,
        vault_role: text(vault_role, resolved.vault_role),
        vault_mount_path: text(vault_mount_path, resolved.vault_mount_path),
        vault_address: text(vault_address, resolved.vault_address),
        vault_namespace: text(vault_namespace, resolved.vault_namespace),
        keyvault_name: text(keyvault_name, resolved.keyvault_name),
        tenant_id: text(tenant_id, resolved.tenant_id),
        region: text(region, resolved.region),
        parameters: written_map(parameters, resolved.parameters),
        secrets: secrets.into_iter().map(provided).collect(),
        secret_objects: secret_objects
            .into_iter()
            .map(
                |SecretObjectEntry {
                     secret_name,
                     kind,
                     keys,
                 }| SecretObject {
                    secret_name,
                    kind,
                    keys,
                },
            )
            .collect(),
    }
}

fn written_map(written: BTreeMap<String, String>, mut resolved: BTreeMap<String, String>) -> WrittenMap {
    written
        .into_iter()
        .map(|(name, written)| {
            let resolved = resolved.remove(&name);
            (name, Written { written, resolved })
        })
        .collect()
}

fn provided_entry(secret: &ProvidedSecret) -> ProvidedSecretEntry {
    let ProvidedSecret {
        object_name,
        vault_path,
        vault_key,
        remote_ref,
        k8s_secret_name,
        k8s_secret_key,
        mounts,
    } = secret;
    ProvidedSecretEntry {
        vault_path: written(vault_path.as_ref()),
        vault_key: written(vault_key.as_ref()),
        remote_ref: remote_ref.clone().map(
            |RemoteRef {
                 name,
                 kind,
                 version,
                 property,
             }| RemoteRefEntry {
                name: name.written,
                kind,
                version,
                property,
            },
        ),
        k8s_secret_name: k8s_secret_name.clone(),
        mount_path: mounts.first().map(|mount| mount.path.clone()),
        object_name: object_name.clone(),
        k8s_secret_key: k8s_secret_key.clone(),
        mounts: mounts
            .iter()
            .cloned()
            .map(
                |Mount {
                     service,
                     container,
                     path,
                 }| MountEntry {
                    service,
                    container,
                    path,
                },
            )
            .collect(),
        resolved: ResolvedProvidedSecret {
            vault_path: resolved(vault_path.as_ref()),
            vault_key: resolved(vault_key.as_ref()),
            remote_ref: ResolvedRemoteRef {
                name: remote_ref
                    .as_ref()
                    .and_then(|remote| remote.name.resolved.clone()),
            },
        },
    }
}

fn provided(entry: ProvidedSecretEntry) -> ProvidedSecret {
    let ProvidedSecretEntry {
        vault_path,
        vault_key,
        remote_ref,
        k8s_secret_name,
        mount_path: _, // The first of the mounts.
        object_name,
        k8s_secret_key,
        mounts,
        resolved,
    } = entry;
    let remote_name = resolved.remote_ref.name;
    ProvidedSecret {
        object_name,
        vault_path: text(vault_path, resolved.vault_path),
        vault_key: text(vault_key, resolved.vault_key),
        remote_ref: remote_ref.map(
            |RemoteRefEntry {
                 name,
                 kind,
                 version,
                 property,
             }| RemoteRef {
                name: Written {
                    written: name,
                    resolved: remote_name,
                },
                kind,
                version,
                property,
            },
        ),
        k8s_secret_name,
        k8s_secret_key,
        mounts: mounts
            .into_iter()
            .map(
                |MountEntry {
                     service,
                     container,
                     path,
                 }| Mount {
                    service,
                    container,
                    path,
                },
            )
            .collect(),
    }
}

//! `secrets-map.json`: where secrets come from, what carries them, who reads them. Names and keys, never a value.
//!
//! Fields that may hold `${variables}` keep the text as written; `resolved` on the same object repeats those whose
//! substituted value differs and is known.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AmbiguousMaps, Metadata, SourcePlace, Usage};

/// Secrets of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretsMapFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// SecretProviderClasses of the Secrets Store CSI driver.
    pub secret_provider_classes: BTreeMap<String, SecretProviderClassEntry>,
    /// ExternalSecrets and ClusterExternalSecrets.
    #[serde(default)]
    pub external_secrets: BTreeMap<String, ExternalSecretEntry>,
    /// SecretStores and ClusterSecretStores.
    #[serde(default)]
    pub secret_stores: BTreeMap<String, SecretStoreEntry>,
    /// VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets.
    #[serde(default)]
    pub vault_secrets: BTreeMap<String, VaultSecretEntry>,
    /// SealedSecrets.
    #[serde(default)]
    pub sealed_secrets: BTreeMap<String, SealedSecretEntry>,
    /// Secrets in the repository and secretGenerators.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretEntry>,
    /// One entry for each Secret that anything reads.
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceEntry>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: AmbiguousMaps,
    /// Where the file comes from.
    pub metadata: Metadata,
}

/// A SecretProviderClass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretProviderClassEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `vault`, `azure`, `aws`, `gcp` or another.
    pub provider: String,
    /// `roleName`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_role: Option<String>,
    /// `vaultKubernetesMountPath` or `vaultAuthMountPath`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_mount_path: Option<String>,
    /// What it fetches.
    pub secrets: Vec<ProvidedSecretEntry>,
    /// Keys of the services that mount it, sorted.
    pub used_by: Vec<String>,
    /// `apiVersion`
    pub api_version: String,
    /// `vaultAddress`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_address: Option<String>,
    /// `vaultNamespace`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_namespace: Option<String>,
    /// `keyvaultName` (azure), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyvault_name: Option<String>,
    /// `tenantId` (azure), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// `region` (aws), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The other parameters, as written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The Secrets it syncs to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_objects: Vec<SecretObjectEntry>,
    /// Substituted values of the fields above.
    #[serde(skip_serializing_if = "ResolvedClass::is_empty")]
    pub resolved: ResolvedClass,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// One object that a SecretProviderClass fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ProvidedSecretEntry {
    /// Path in Vault, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_path: Option<String>,
    /// Key at that path, as written; absent where the whole response is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_key: Option<String>,
    /// What a provider other than Vault fetches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ref: Option<RemoteRefEntry>,
    /// The Secret it is synced to; `null` where it is not.
    pub k8s_secret_name: Option<String>,
    /// The first of `mounts`; `null` where nothing mounts it.
    pub mount_path: Option<String>,
    /// Its name in the class's list: `objectName` (gcp: `resourceName`). The file's name is in `mounts`.
    pub object_name: String,
    /// The key in that Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k8s_secret_key: Option<String>,
    /// The file in each container, by service, container, path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<MountEntry>,
    /// Substituted values of the fields above.
    #[serde(skip_serializing_if = "ResolvedProvidedSecret::is_empty")]
    pub resolved: ResolvedProvidedSecret,
}

/// What a provider other than Vault fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RemoteRefEntry {
    /// Name in the provider, as written.
    pub name: String,
    /// Type, such as `secret` or `secretsmanager`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
}

/// A file in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MountEntry {
    /// Key of the service.
    pub service: String,
    /// Container.
    pub container: String,
    /// Path of the file.
    pub path: String,
}

/// A Secret that a SecretProviderClass syncs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretObjectEntry {
    /// Name.
    pub secret_name: String,
    /// Type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Keys.
    pub keys: Vec<String>,
}

/// An ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalSecretEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The store it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreRef>,
    /// Name of the Secret it makes.
    pub target: String,
    /// `refreshInterval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_interval: Option<String>,
    /// `data`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<ExternalSecretDataEntry>,
    /// `dataFrom`: what is extracted or found, such as `extract: apps/papi`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data_from: Vec<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// A store as an ExternalSecret names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct StoreRef {
    /// `SecretStore` or `ClusterSecretStore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One entry of `data` of an ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalSecretDataEntry {
    /// Key in the Secret.
    pub secret_key: String,
    /// Key in the store, as written.
    pub key: String,
    /// Property of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Substituted values of the fields above.
    #[serde(skip_serializing_if = "ResolvedExternalSecretData::is_empty")]
    pub resolved: ResolvedExternalSecretData,
}

/// A SecretStore or ClusterSecretStore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretStoreEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace; absent for a ClusterSecretStore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `SecretStore` or `ClusterSecretStore`.
    pub kind: String,
    /// Provider, such as `vault`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// `server`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Mount, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Version of the KV engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Mount of the authentication, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_mount: Option<String>,
    /// Role, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Substituted values of the fields above.
    #[serde(skip_serializing_if = "ResolvedStore::is_empty")]
    pub resolved: ResolvedStore,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// `ExternalSecret/<key>` and other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// A VaultStaticSecret, VaultDynamicSecret or VaultPKISecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct VaultSecretEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Kind.
    pub kind: String,
    /// `mount`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<String>,
    /// `path`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `type`, such as `kv-v2`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// VaultAuth: `name` or `namespace/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Role, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Name of the Secret it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// `rolloutRestartTargets` as `Kind/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restarts: Vec<String>,
    /// Substituted values of the fields above.
    #[serde(skip_serializing_if = "ResolvedVaultSecret::is_empty")]
    pub resolved: ResolvedVaultSecret,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// A SealedSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SealedSecretEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the Secret it makes.
    pub target: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// A Secret in the repository, or a secretGenerator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Type.
    #[serde(rename = "type")]
    pub secret_type: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
    /// What protects its values.
    pub protection: Protection,
    /// The name with its hash suffix, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered_name: Option<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// What protects the values of a Secret in the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Protection {
    /// SOPS.
    Sops,
    /// A secretGenerator makes it.
    Generator,
    /// Nothing.
    #[default]
    Plain,
}

/// A Secret that something reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ReferenceEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Keys of the services that read it, sorted.
    pub used_by: Vec<String>,
    /// Each use.
    pub usage: Vec<Usage>,
    /// `Kind/<key>` of what makes it; `null` where nothing in the repository does, `unknown` where a chart may.
    pub produced_by: Option<String>,
}

/// Declares a map of substituted values: every field is absent where the value as written is all there is.
macro_rules! resolved {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<String>,)*
        }

        impl $name {
            /// Whether no value differs from what is written.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    )*};
}

resolved! {
    /// Substituted values of one entry of `data` of an ExternalSecret.
    ResolvedExternalSecretData {
        /// Key in the store.
        key,
    }
    /// Substituted values of a SecretStore.
    ResolvedStore {
        /// `server`
        server,
        /// Mount.
        path,
        /// Mount of the authentication.
        auth_mount,
        /// Role.
        role,
    }
    /// Substituted values of a VaultStaticSecret and its like.
    ResolvedVaultSecret {
        /// `mount`
        mount,
        /// `path`
        path,
        /// Role.
        role,
    }
    /// Substituted values of `remoteRef`.
    ResolvedRemoteRef {
        /// Name in the provider.
        name,
    }
}

/// Substituted values of one object that a SecretProviderClass fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ResolvedProvidedSecret {
    /// Path in Vault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_path: Option<String>,
    /// Key at that path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_key: Option<String>,
    /// Values of `remoteRef`.
    #[serde(skip_serializing_if = "ResolvedRemoteRef::is_empty")]
    pub remote_ref: ResolvedRemoteRef,
}

impl ResolvedProvidedSecret {
    /// Whether no value differs from what is written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Substituted values of a SecretProviderClass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ResolvedClass {
    /// `roleName`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_role: Option<String>,
    /// `vaultKubernetesMountPath` or `vaultAuthMountPath`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_mount_path: Option<String>,
    /// `vaultAddress`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_address: Option<String>,
    /// `vaultNamespace`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_namespace: Option<String>,
    /// `keyvaultName`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyvault_name: Option<String>,
    /// `tenantId`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// `region`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Values of `parameters`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

impl ResolvedClass {
    /// Whether no value differs from what is written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

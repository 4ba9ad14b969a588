//! Secrets by name and key: their origin, their transport and their readers. Never a value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Place;
use crate::config::Usage;
use crate::entry::named;
use crate::keys::Key;
use crate::skip::{is_default, is_false};
use crate::text::{Texts, Written, WrittenMap, resolved, with_resolved};

/// All maps of `secrets-map.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secrets {
    /// SecretProviderClasses of the Secrets Store CSI driver.
    pub secret_provider_classes: BTreeMap<Key, SecretProviderClass>,
    /// ExternalSecrets and ClusterExternalSecrets.
    pub external_secrets: BTreeMap<Key, ExternalSecret>,
    /// SecretStores and ClusterSecretStores.
    pub secret_stores: BTreeMap<Key, SecretStore>,
    /// VaultStaticSecret, VaultDynamicSecret, VaultPKISecret.
    pub vault_secrets: BTreeMap<Key, VaultSecret>,
    /// SealedSecrets.
    pub sealed_secrets: BTreeMap<Key, SealedSecret>,
    /// Secrets in the repository and secretGenerators.
    pub secrets: BTreeMap<Key, Secret>,
    /// One per Secret that anything reads.
    pub references: BTreeMap<Key, SecretReference>,
}

/// A SecretProviderClass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "SecretProviderClassEntry")]
pub struct SecretProviderClass {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// `vault`, `azure`, `aws`, `gcp` or another.
    pub provider: String,
    /// `roleName`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_role: Option<Written>,
    /// `vaultKubernetesMountPath` or `vaultAuthMountPath`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_mount_path: Option<Written>,
    /// What it fetches.
    pub secrets: Vec<ProvidedSecret>,
    /// Keys of the services that mount it, sorted.
    pub used_by: Vec<Key>,
    /// `apiVersion`
    pub api_version: String,
    /// `vaultAddress`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_address: Option<Written>,
    /// `vaultNamespace`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_namespace: Option<Written>,
    /// `keyvaultName` (azure), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyvault_name: Option<Written>,
    /// `tenantId` (azure), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Written>,
    /// `region` (aws), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Written>,
    /// The other parameters, as written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: WrittenMap,
    /// The Secrets it syncs to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_objects: Vec<SecretObject>,
    /// Substituted values of the fields above.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "is_default")]
    pub resolved: ResolvedClass,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// One object that a SecretProviderClass fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "ProvidedSecretEntry")]
pub struct ProvidedSecret {
    /// Path in Vault, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_path: Option<Written>,
    /// Key at that path, as written; absent where the whole response is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_key: Option<Written>,
    /// What a provider other than Vault fetches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ref: Option<RemoteRef>,
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
    pub mounts: Vec<Mount>,
    /// Substituted values of the fields above.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "is_default")]
    pub resolved: ResolvedProvidedSecret,
}

/// What a provider other than Vault fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "RemoteRefEntry")]
pub struct RemoteRef {
    /// Name in the provider, as written.
    pub name: Written,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "MountEntry")]
pub struct Mount {
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
#[schemars(rename = "SecretObjectEntry")]
pub struct SecretObject {
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
#[schemars(rename = "ExternalSecretEntry")]
pub struct ExternalSecret {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Kind, where it is a `ClusterExternalSecret`, which makes the Secret in several namespaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The namespaces in which a `ClusterExternalSecret` makes the Secret: those it states, and those of the repository whose labels
    /// it selects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// The store it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreRef>,
    /// Name of the Secret it makes.
    pub target: String,
    /// `refreshInterval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_interval: Option<String>,
    /// `refreshPolicy`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_policy: Option<String>,
    /// `data`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<ExternalSecretData>,
    /// `dataFrom`: what is extracted or found, such as `extract: apps/papi`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data_from: Vec<String>,
    /// `target.template`, where it decides keys of the Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<ExternalSecretTemplate>,
    /// Where a controller copies that Secret to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<CopiedTo>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl ExternalSecret {
    /// Kind of the store.
    pub fn store_kind(&self) -> Option<&str> {
        self.store.as_ref()?.kind.as_deref()
    }

    /// Name of the store.
    pub fn store_name(&self) -> Option<&str> {
        self.store.as_ref()?.name.as_deref()
    }
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
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "ExternalSecretDataEntry")]
pub struct ExternalSecretData {
    /// Key in the Secret.
    pub secret_key: String,
    /// Key in the store, as written.
    pub key: Written,
    /// Property of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Substituted values of the fields above.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "is_default")]
    pub resolved: ResolvedExternalSecretData,
}

/// The keys that the template of an ExternalSecret gives to the Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ExternalSecretTemplateEntry")]
pub struct ExternalSecretTemplate {
    /// Whether they are all that the Secret has, and not added to what is fetched.
    pub replaces: bool,
    /// Each key with the fetched keys that its text reads, sorted; `*` where it reads all.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Present and true where not every key is known.
    #[serde(skip_serializing_if = "is_false")]
    pub more: bool,
}

/// A SecretStore or ClusterSecretStore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "SecretStoreEntry")]
pub struct SecretStore {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace; absent for a ClusterSecretStore.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// `SecretStore` or `ClusterSecretStore`.
    pub kind: String,
    /// Provider, such as `vault`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// `server`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Written>,
    /// Mount, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Written>,
    /// Version of the KV engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Mount of the authentication, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_mount: Option<Written>,
    /// Role, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Written>,
    /// Substituted values of the fields above.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "is_default")]
    pub resolved: ResolvedStore,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// `ExternalSecret/<key>` and other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A VaultStaticSecret, VaultDynamicSecret or VaultPKISecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[schemars(rename = "VaultSecretEntry")]
pub struct VaultSecret {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// `mount`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount: Option<Written>,
    /// `path`, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Written>,
    /// `type`, such as `kv-v2`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// VaultAuth: `name` or `namespace/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
    /// Role, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Written>,
    /// `address` of the VaultConnection that its VaultAuth names, as applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Name of the Secret it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// `rolloutRestartTargets` as `Kind/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub restarts: Vec<String>,
    /// Substituted values of the fields above.
    #[serde(getter = "Texts::resolved", skip_serializing_if = "is_default")]
    pub resolved: ResolvedVaultSecret,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A SealedSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "SealedSecretEntry")]
pub struct SealedSecret {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Name of the Secret it makes.
    pub target: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
    /// Where a controller copies that Secret to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<CopiedTo>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A Secret in the repository, or a secretGenerator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "SecretEntry")]
pub struct Secret {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Type.
    #[serde(rename = "type")]
    pub secret_type: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
    /// What protects its values.
    pub protection: Protection,
    /// The comment above it, of one that is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// `namespace/name` of the Secret that a controller copies into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// Where a controller copies it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_to: Option<CopiedTo>,
    /// The name with its hash suffix, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rendered_name: Option<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// The namespaces to which a controller copies a Secret or ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "CopiedToEntry")]
pub struct CopiedTo {
    /// What copies, such as `Reflector`.
    pub by: String,
    /// Namespaces, as names, regular expressions and `namespaces with label=value`; `namespace/name` where the copy has another name.
    pub namespaces: Vec<String>,
}

/// What protects the values of a Secret in the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Protection {
    /// SOPS.
    Sops,
    /// A secretGenerator makes it.
    Generator,
    /// A controller copies another Secret into it.
    Copy,
    /// The repository states no value: something fills it in the cluster.
    Filled,
    /// Nothing.
    #[default]
    Plain,
}

impl Protection {
    /// The word that `secrets-map.json` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Protection::Sops => "sops",
            Protection::Generator => "generator",
            Protection::Copy => "copy",
            Protection::Filled => "filled",
            Protection::Plain => "plain",
        }
    }
}

/// A Secret that something reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ReferenceEntry")]
pub struct SecretReference {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Keys of the services that read it, sorted.
    pub used_by: Vec<Key>,
    /// Each use.
    pub usage: Vec<Usage>,
    /// Present and true where a SecretProviderClass makes it only while a pod mounts the class, and none does.
    #[serde(skip_serializing_if = "is_false")]
    pub unmounted: bool,
    /// `namespace/name` of the Secret of the repository that a controller copies into it, which `produced_by` makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// What copies it, such as `Reflector`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_by: Option<String>,
    /// `Kind/<key>` of what makes it; `null` where nothing in the repository does, `unknown` where a chart may.
    pub produced_by: ProducedBy,
}

/// What makes a Secret that something reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum ProducedBy {
    /// `Kind/<key>` of an object of the repository.
    Object(String),
    /// A chart that was not rendered may make it.
    Unknown,
    /// Nothing in the repository.
    #[default]
    Nothing,
}

source_tree::schema_as!(ProducedBy as Option<String>);

/// The word for [`ProducedBy::Unknown`].
const UNKNOWN: &str = "unknown";

impl From<Option<String>> for ProducedBy {
    fn from(text: Option<String>) -> Self {
        match text {
            Some(text) if text == UNKNOWN => ProducedBy::Unknown,
            Some(object) => ProducedBy::Object(object),
            None => ProducedBy::Nothing,
        }
    }
}

impl From<ProducedBy> for Option<String> {
    fn from(produced_by: ProducedBy) -> Self {
        match produced_by {
            ProducedBy::Object(object) => Some(object),
            ProducedBy::Unknown => Some(UNKNOWN.to_owned()),
            ProducedBy::Nothing => None,
        }
    }
}

named!(
    SecretProviderClass,
    ExternalSecret,
    SecretStore,
    VaultSecret,
    SealedSecret,
    Secret,
    SecretReference
);

with_resolved!(
    SecretProviderClass,
    ProvidedSecret,
    ExternalSecretData,
    SecretStore,
    VaultSecret
);

resolved! {
    /// Substituted values of a SecretProviderClass.
    ResolvedClass of SecretProviderClass {
        /// `roleName`
        vault_role: Option<String>,
        /// `vaultKubernetesMountPath` or `vaultAuthMountPath`
        vault_mount_path: Option<String>,
        /// `vaultAddress`
        vault_address: Option<String>,
        /// `vaultNamespace`
        vault_namespace: Option<String>,
        /// `keyvaultName`
        keyvault_name: Option<String>,
        /// `tenantId`
        tenant_id: Option<String>,
        /// `region`
        region: Option<String>,
        /// Values of `parameters`.
        parameters: BTreeMap<String, String>,
    }
    /// Substituted values of one object that a SecretProviderClass fetches.
    ResolvedProvidedSecret of ProvidedSecret {
        /// Path in Vault.
        vault_path: Option<String>,
        /// Key at that path.
        vault_key: Option<String>,
        /// Values of `remoteRef`.
        remote_ref: ResolvedRemoteRef,
    }
    /// Substituted values of `remoteRef`.
    ResolvedRemoteRef of RemoteRef {
        /// Name in the provider.
        name: Option<String>,
    }
    /// Substituted values of one entry of `data` of an ExternalSecret.
    ResolvedExternalSecretData of ExternalSecretData {
        /// Key in the store.
        key: Option<String>,
    }
    /// Substituted values of a SecretStore.
    ResolvedStore of SecretStore {
        /// `server`
        server: Option<String>,
        /// Mount.
        path: Option<String>,
        /// Mount of the authentication.
        auth_mount: Option<String>,
        /// Role.
        role: Option<String>,
    }
    /// Substituted values of a VaultStaticSecret and its like.
    ResolvedVaultSecret of VaultSecret {
        /// `mount`
        mount: Option<String>,
        /// `path`
        path: Option<String>,
        /// Role.
        role: Option<String>,
    }
}

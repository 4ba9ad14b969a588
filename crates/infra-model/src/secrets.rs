//! Secrets by name and key: where they come from, what carries them, who reads them. Never a value.

use std::collections::BTreeMap;

use crate::Place;
use crate::config::Usage;
use crate::keys::Key;
use crate::text::{Written, WrittenMap};

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

/// What every entry of `secrets-map.json` has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The plain name.
    pub name: String,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Key of the Kustomization that applies it.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    pub also_applied_by: Vec<Key>,
    /// Service keys, and `Kind/<key>` for other users, sorted.
    pub used_by: Vec<String>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

/// A SecretProviderClass. `entry.used_by` are the services that mount it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretProviderClass {
    /// Common part.
    pub entry: Entry,
    /// `apiVersion`
    pub api_version: String,
    /// `vault`, `azure`, `aws`, `gcp`, ...
    pub provider: String,
    /// `roleName`
    pub vault_role: Option<Written>,
    /// `vaultKubernetesMountPath`, or `vaultAuthMountPath`.
    pub vault_mount_path: Option<Written>,
    /// `vaultAddress`
    pub vault_address: Option<Written>,
    /// `vaultNamespace`
    pub vault_namespace: Option<Written>,
    /// `keyvaultName` (azure)
    pub keyvault_name: Option<Written>,
    /// `tenantId` (azure)
    pub tenant_id: Option<Written>,
    /// `region` (aws)
    pub region: Option<Written>,
    /// The other parameters, without the list of objects.
    pub parameters: WrittenMap,
    /// The objects it fetches.
    pub secrets: Vec<ProvidedSecret>,
    /// The Secrets it syncs to.
    pub secret_objects: Vec<SecretObject>,
}

/// One object that a SecretProviderClass fetches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProvidedSecret {
    /// Its name in the class's list: `objectName` (gcp: `resourceName`). Several where parts of one object are taken.
    /// The file's name, which may be an alias, is in `mounts`.
    pub object_name: String,
    /// `secretPath` (vault).
    pub vault_path: Option<Written>,
    /// `secretKey` (vault).
    pub vault_key: Option<Written>,
    /// What other providers fetch.
    pub remote_ref: Option<RemoteRef>,
    /// The Secret it is synced to.
    pub k8s_secret_name: Option<String>,
    /// The key in that Secret.
    pub k8s_secret_key: Option<String>,
    /// Each mount, by service, container, path.
    pub mounts: Vec<Mount>,
}

/// What a provider other than Vault fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteRef {
    /// Name in the provider.
    pub name: Written,
    /// Type, such as `secret` or `secretsmanager`.
    pub kind: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Part of it.
    pub property: Option<String>,
}

/// A file in a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mount {
    /// Key of the service.
    pub service: Key,
    /// Container.
    pub container: String,
    /// Path of the file.
    pub path: String,
}

/// A Secret that a SecretProviderClass syncs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretObject {
    /// Name.
    pub secret_name: String,
    /// Type.
    pub kind: Option<String>,
    /// Keys.
    pub keys: Vec<String>,
}

/// An ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExternalSecret {
    /// Common part.
    pub entry: Entry,
    /// Kind of the store.
    pub store_kind: Option<String>,
    /// Name of the store.
    pub store_name: Option<String>,
    /// Name of the Secret it makes.
    pub target: String,
    /// `refreshInterval`
    pub refresh_interval: Option<String>,
    /// `data`
    pub data: Vec<ExternalSecretData>,
    /// `dataFrom`: what is extracted or found, such as `extract: apps/papi`.
    pub data_from: Vec<String>,
}

/// One entry of `data` of an ExternalSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalSecretData {
    /// Key in the Secret.
    pub secret_key: String,
    /// Key in the store.
    pub key: Written,
    /// Property of it.
    pub property: Option<String>,
}

/// A SecretStore or ClusterSecretStore.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretStore {
    /// Common part.
    pub entry: Entry,
    /// Kind.
    pub kind: String,
    /// Provider, such as `vault`.
    pub provider: Option<String>,
    /// `server`
    pub server: Option<Written>,
    /// Mount: `path`.
    pub path: Option<Written>,
    /// KV version.
    pub version: Option<String>,
    /// `auth.kubernetes.mountPath` and the like.
    pub auth_mount: Option<Written>,
    /// `auth.kubernetes.role` and the like.
    pub role: Option<Written>,
}

/// A VaultStaticSecret, VaultDynamicSecret or VaultPKISecret.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VaultSecret {
    /// Common part.
    pub entry: Entry,
    /// Kind.
    pub kind: String,
    /// `mount`
    pub mount: Option<Written>,
    /// `path`
    pub path: Option<Written>,
    /// `type`
    pub secret_type: Option<String>,
    /// VaultAuth as stated: `name` or `namespace/name`.
    pub auth: Option<String>,
    /// Role, its own or the VaultAuth's.
    pub role: Option<Written>,
    /// Name of the Secret it makes.
    pub destination: Option<String>,
    /// `rolloutRestartTargets` as `Kind/name`.
    pub restarts: Vec<String>,
}

/// A SealedSecret.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SealedSecret {
    /// Common part.
    pub entry: Entry,
    /// Name of the Secret it makes.
    pub target: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
}

/// A Secret in the repository, or a secretGenerator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Secret {
    /// Common part.
    pub entry: Entry,
    /// Type; `Opaque` where not stated.
    pub secret_type: String,
    /// Its keys, sorted.
    pub keys: Vec<String>,
    /// What protects its values.
    pub protection: Protection,
    /// The name with its hash suffix, where it differs.
    pub rendered_name: Option<String>,
}

/// What protects the values of a Secret in the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// SOPS.
    Sops,
    /// A secretGenerator makes it, whose files may be ignored or encrypted, or the chart of a HelmRelease.
    Generator,
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
            Protection::Plain => "plain",
        }
    }
}

/// A Secret that something reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecretReference {
    /// Name, before the hash suffix.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Keys of the services that read it, sorted.
    pub used_by: Vec<Key>,
    /// Each use.
    pub usage: Vec<Usage>,
    /// What makes it.
    pub produced_by: ProducedBy,
}

/// What makes a Secret or ConfigMap that something reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProducedBy {
    /// `Kind/<key>` of an object of the repository.
    Object(String),
    /// A chart that was not rendered may make it.
    Unknown,
    /// Nothing in the repository.
    #[default]
    Nothing,
}

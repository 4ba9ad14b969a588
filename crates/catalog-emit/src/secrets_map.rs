//! `secrets-map.json`: where secrets come from, which objects make them, who reads them. Names and keys, never a value.

use std::collections::BTreeMap;

use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, Secrets,
    VaultSecret,
};
use infra_model::{Ambiguous, Infrastructure, Key};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, abridged, ambiguous, completed};
use crate::metadata::Metadata;
use crate::schema_url;

/// Secrets of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretsMapFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// SecretProviderClasses of the Secrets Store CSI driver.
    pub secret_provider_classes: BTreeMap<Key, SecretProviderClass>,
    /// ExternalSecrets and ClusterExternalSecrets.
    #[serde(default)]
    pub external_secrets: BTreeMap<Key, ExternalSecret>,
    /// SecretStores and ClusterSecretStores.
    #[serde(default)]
    pub secret_stores: BTreeMap<Key, SecretStore>,
    /// VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets.
    #[serde(default)]
    pub vault_secrets: BTreeMap<Key, VaultSecret>,
    /// SealedSecrets.
    #[serde(default)]
    pub sealed_secrets: BTreeMap<Key, SealedSecret>,
    /// Secrets in the repository and secretGenerators.
    #[serde(default)]
    pub secrets: BTreeMap<Key, Secret>,
    /// One entry for each Secret that anything reads.
    #[serde(default)]
    pub references: BTreeMap<Key, SecretReference>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl Catalog for SecretsMapFile {
    const NAME: &'static str = "secrets-map";
    const FILE_NAME: &'static str = "secrets-map.json";
    const MAPS: &'static [&'static str] = &[
        "secretProviderClasses",
        "externalSecrets",
        "secretStores",
        "vaultSecrets",
        "sealedSecrets",
        "secrets",
        "references",
    ];

    fn new(infrastructure: &Infrastructure, metadata: &Metadata) -> Self {
        let secrets = &infrastructure.secrets;
        SecretsMapFile {
            schema: Some(schema_url::url(Self::NAME)),
            secret_provider_classes: abridged(&secrets.secret_provider_classes),
            external_secrets: abridged(&secrets.external_secrets),
            secret_stores: abridged(&secrets.secret_stores),
            vault_secrets: abridged(&secrets.vault_secrets),
            sealed_secrets: abridged(&secrets.sealed_secrets),
            secrets: abridged(&secrets.secrets),
            references: abridged(&secrets.references),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.secrets = Secrets {
            secret_provider_classes: completed(self.secret_provider_classes),
            external_secrets: completed(self.external_secrets),
            secret_stores: completed(self.secret_stores),
            vault_secrets: completed(self.vault_secrets),
            sealed_secrets: completed(self.sealed_secrets),
            secrets: completed(self.secrets),
            references: completed(self.references),
        };
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

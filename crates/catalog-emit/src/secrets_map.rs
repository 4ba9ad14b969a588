//! `secrets-map.json`: where secrets come from, which objects make them, who reads them. Names and keys, never a value.

use std::collections::BTreeMap;

use infra_model::secrets::{
    ExternalSecret, SealedSecret, Secret, SecretProviderClass, SecretReference, SecretStore, Secrets,
    VaultSecret,
};
use infra_model::{Ambiguous, Infrastructure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ambiguous};
use crate::entry_map::EntryMap;
use crate::metadata::Metadata;
use crate::schema_url;

/// Secrets of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretsMapFile<'m> {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// SecretProviderClasses of the Secrets Store CSI driver.
    pub secret_provider_classes: EntryMap<'m, SecretProviderClass>,
    /// ExternalSecrets and ClusterExternalSecrets.
    #[serde(default)]
    pub external_secrets: EntryMap<'m, ExternalSecret>,
    /// SecretStores and ClusterSecretStores.
    #[serde(default)]
    pub secret_stores: EntryMap<'m, SecretStore>,
    /// VaultStaticSecrets, VaultDynamicSecrets and VaultPKISecrets.
    #[serde(default)]
    pub vault_secrets: EntryMap<'m, VaultSecret>,
    /// SealedSecrets.
    #[serde(default)]
    pub sealed_secrets: EntryMap<'m, SealedSecret>,
    /// Secrets in the repository and secretGenerators.
    #[serde(default)]
    pub secrets: EntryMap<'m, Secret>,
    /// One entry for each Secret that anything reads.
    #[serde(default)]
    pub references: EntryMap<'m, SecretReference>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl<'m> SecretsMapFile<'m> {
    /// The file of a model.
    pub(crate) fn new(infrastructure: &'m Infrastructure, metadata: &Metadata) -> Self {
        let secrets = &infrastructure.secrets;
        SecretsMapFile {
            schema: Some(schema_url::url(Self::NAME)),
            secret_provider_classes: EntryMap::new(&secrets.secret_provider_classes),
            external_secrets: EntryMap::new(&secrets.external_secrets),
            secret_stores: EntryMap::new(&secrets.secret_stores),
            vault_secrets: EntryMap::new(&secrets.vault_secrets),
            sealed_secrets: EntryMap::new(&secrets.sealed_secrets),
            secrets: EntryMap::new(&secrets.secrets),
            references: EntryMap::new(&secrets.references),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }
}

impl Catalog for SecretsMapFile<'_> {
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

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.secrets = Secrets {
            secret_provider_classes: self.secret_provider_classes.into_owned(),
            external_secrets: self.external_secrets.into_owned(),
            secret_stores: self.secret_stores.into_owned(),
            vault_secrets: self.vault_secrets.into_owned(),
            sealed_secrets: self.sealed_secrets.into_owned(),
            secrets: self.secrets.into_owned(),
            references: self.references.into_owned(),
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

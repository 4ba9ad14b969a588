//! `configmaps.json`: ConfigMaps as written and as substituted, their users, and the variables of substitution.

use std::collections::BTreeMap;

use infra_model::config::{ConfigMap, VariableSubstitution};
use infra_model::{Ambiguous, Infrastructure, Key};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, abridged, ambiguous, completed};
use crate::metadata::Metadata;
use crate::schema_url;

/// Configuration of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapsFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// ConfigMaps, keyed by the name before the hash suffix.
    pub config_maps: BTreeMap<Key, ConfigMap>,
    /// Post-build substitution of all Kustomizations.
    #[serde(default)]
    pub variable_substitution: VariableSubstitution,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl Catalog for ConfigMapsFile {
    const NAME: &'static str = "configmaps";
    const FILE_NAME: &'static str = "configmaps.json";
    const MAPS: &'static [&'static str] = &["configMaps"];

    fn new(infrastructure: &Infrastructure, metadata: &Metadata) -> Self {
        ConfigMapsFile {
            schema: Some(schema_url::url(Self::NAME)),
            config_maps: abridged(&infrastructure.config_maps),
            variable_substitution: infrastructure.variable_substitution.clone(),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.config_maps = completed(self.config_maps);
        infrastructure.variable_substitution = self.variable_substitution;
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

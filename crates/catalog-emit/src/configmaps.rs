//! `configmaps.json`: ConfigMaps as written and as substituted, their users, and the variables of substitution.

use std::borrow::Cow;
use std::collections::BTreeMap;

use infra_model::config::{ConfigMap, VariableSubstitution};
use infra_model::{Ambiguous, Infrastructure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ambiguous};
use crate::entry_map::EntryMap;
use crate::metadata::Metadata;
use crate::schema_url;

/// Configuration of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapsFile<'m> {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// ConfigMaps, keyed by the name before the hash suffix.
    pub config_maps: EntryMap<'m, ConfigMap>,
    /// Post-build substitution of all Kustomizations.
    #[serde(default)]
    pub variable_substitution: Cow<'m, VariableSubstitution>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl<'m> ConfigMapsFile<'m> {
    /// The file of a model.
    pub(crate) fn new(infrastructure: &'m Infrastructure, metadata: &Metadata) -> Self {
        ConfigMapsFile {
            schema: Some(schema_url::url(Self::NAME)),
            config_maps: EntryMap::new(&infrastructure.config_maps),
            variable_substitution: Cow::Borrowed(&infrastructure.variable_substitution),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }
}

impl Catalog for ConfigMapsFile<'_> {
    const NAME: &'static str = "configmaps";
    const FILE_NAME: &'static str = "configmaps.json";
    const MAPS: &'static [&'static str] = &["configMaps"];

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.config_maps = self.config_maps.into_owned();
        infrastructure.variable_substitution = self.variable_substitution.into_owned();
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

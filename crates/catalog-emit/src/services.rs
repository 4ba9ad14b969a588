//! `services.json`: services and the places that decide their images.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::knowledge::Knowledge;
use infra_model::service::{ImageGroup, Service};
use infra_model::{Ambiguous, Infrastructure, Key};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, abridged, ambiguous, completed};
use crate::metadata::Metadata;
use crate::schema_url;

/// Services and image groups of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicesFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Workloads that Flux applies, and HelmReleases.
    pub services: BTreeMap<Key, Service>,
    /// The places in the repository that decide the images of services.
    #[serde(default)]
    pub image_groups: BTreeMap<Key, ImageGroup>,
    /// What people wrote down that belongs to no entry.
    #[serde(default, skip_serializing_if = "Knowledge::is_empty")]
    pub knowledge: Knowledge,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl Catalog for ServicesFile {
    const NAME: &'static str = "services";
    const FILE_NAME: &'static str = "services.json";
    const MAPS: &'static [&'static str] = &["services", "imageGroups"];

    fn new(infrastructure: &Infrastructure, metadata: &Metadata) -> Self {
        ServicesFile {
            schema: Some(schema_url::url(Self::NAME)),
            services: abridged(&infrastructure.services),
            image_groups: infrastructure.image_groups.clone(),
            knowledge: infrastructure.knowledge.clone(),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.services = completed(self.services);
        resolve_targets(&mut infrastructure.services);
        infrastructure.image_groups = self.image_groups;
        infrastructure.knowledge = self.knowledge;
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

/// Tells dependencies on other services from external ones.
pub(crate) fn resolve_targets(services: &mut BTreeMap<Key, Service>) {
    let keys: BTreeSet<Key> = services.keys().cloned().collect();
    for dependency in services.values_mut().flat_map(|service| &mut service.depends_on) {
        dependency.target.resolve(|target| keys.contains(target));
    }
}

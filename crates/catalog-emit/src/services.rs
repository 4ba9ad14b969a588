//! `services.json`: services and the places that decide their images.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::knowledge::Knowledge;
use infra_model::service::{ImageGroup, Service};
use infra_model::{Ambiguous, Infrastructure, Key};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ambiguous};
use crate::entry_map::EntryMap;
use crate::metadata::Metadata;
use crate::schema_url;

/// Services and image groups of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicesFile<'m> {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Workloads that Flux applies, and HelmReleases.
    pub services: EntryMap<'m, Service>,
    /// The places in the repository that decide the images of services.
    #[serde(default)]
    pub image_groups: Cow<'m, BTreeMap<Key, ImageGroup>>,
    /// What people wrote down that belongs to no entry.
    #[serde(default, skip_serializing_if = "Knowledge::is_empty")]
    pub knowledge: Knowledge,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl<'m> ServicesFile<'m> {
    /// The file of a model.
    pub(crate) fn new(infrastructure: &'m Infrastructure, metadata: &Metadata) -> Self {
        ServicesFile {
            schema: Some(schema_url::url(Self::NAME)),
            services: EntryMap::new(&infrastructure.services),
            image_groups: Cow::Borrowed(&infrastructure.image_groups),
            knowledge: infrastructure.knowledge.clone(),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }
}

impl Catalog for ServicesFile<'_> {
    const NAME: &'static str = "services";
    const FILE_NAME: &'static str = "services.json";
    const MAPS: &'static [&'static str] = &["services", "imageGroups"];

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.services = self.services.into_owned();
        resolve_targets(&mut infrastructure.services);
        infrastructure.image_groups = self.image_groups.into_owned();
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

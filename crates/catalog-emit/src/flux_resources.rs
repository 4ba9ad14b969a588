//! `flux-resources.json`: Kustomizations, HelmReleases, sources, other objects, objects that are not applied, and findings.

use std::collections::BTreeMap;

use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::{Ambiguous, Diagnostic, Infrastructure, Key, NotApplied};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, abridged, ambiguous, completed};
use crate::metadata::Metadata;
use crate::schema_url;

/// Flux's own objects of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FluxResourcesFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Flux Kustomizations.
    pub kustomizations: BTreeMap<Key, Kustomization>,
    /// HelmReleases.
    pub helm_releases: BTreeMap<Key, HelmRelease>,
    /// Sources, keyed `<Kind>/<key>`.
    #[serde(default)]
    pub sources: BTreeMap<Key, Source>,
    /// Applied objects that no other map has, such as those of operators, routes and claims, keyed `<Kind>/<key>`.
    #[serde(default)]
    pub objects: BTreeMap<Key, OtherObject>,
    /// What the repository holds and Flux does not apply, and why, sorted by kind, namespace and name.
    #[serde(default)]
    pub not_applied: Vec<NotApplied>,
    /// What is wrong, sorted by file and line.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl Catalog for FluxResourcesFile {
    const NAME: &'static str = "flux-resources";
    const FILE_NAME: &'static str = "flux-resources.json";
    const MAPS: &'static [&'static str] = &["kustomizations", "helmReleases", "sources", "objects"];

    fn new(infrastructure: &Infrastructure, metadata: &Metadata) -> Self {
        FluxResourcesFile {
            schema: Some(schema_url::url(Self::NAME)),
            kustomizations: abridged(&infrastructure.kustomizations),
            helm_releases: abridged(&infrastructure.helm_releases),
            sources: abridged(&infrastructure.sources),
            objects: abridged(&infrastructure.objects),
            not_applied: infrastructure.not_applied.clone(),
            diagnostics: infrastructure.diagnostics.clone(),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.kustomizations = completed(self.kustomizations);
        infrastructure.helm_releases = completed(self.helm_releases);
        infrastructure.sources = completed(self.sources);
        infrastructure.objects = completed(self.objects);
        infrastructure.not_applied = self.not_applied;
        infrastructure.diagnostics = self.diagnostics;
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

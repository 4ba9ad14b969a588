//! `flux-resources.json`: Kustomizations, HelmReleases, sources, other objects, objects that are not applied, and findings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use infra_model::flux::{HelmRelease, Kustomization, Source};
use infra_model::object::OtherObject;
use infra_model::{Ambiguous, Diagnostic, Infrastructure, NotApplied};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, ambiguous};
use crate::entry_map::EntryMap;
use crate::metadata::Metadata;
use crate::schema_url;

/// Flux's own objects of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FluxResourcesFile<'m> {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Flux Kustomizations.
    pub kustomizations: EntryMap<'m, Kustomization>,
    /// HelmReleases.
    pub helm_releases: EntryMap<'m, HelmRelease>,
    /// Sources, keyed `<Kind>/<key>`.
    #[serde(default)]
    pub sources: EntryMap<'m, Source>,
    /// Applied objects that no other map has, such as those of operators, routes and claims, keyed `<Kind>/<key>`.
    #[serde(default)]
    pub objects: EntryMap<'m, OtherObject>,
    /// What the repository holds and Flux does not apply, and why, sorted by kind, namespace and name.
    #[serde(default)]
    pub not_applied: Cow<'m, [NotApplied]>,
    /// What is wrong, sorted by file and line.
    #[serde(default)]
    pub diagnostics: Cow<'m, [Diagnostic]>,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: BTreeMap<String, Ambiguous>,
    /// Where the file comes from.
    pub metadata: Metadata,
}

impl<'m> FluxResourcesFile<'m> {
    /// The file of a model.
    pub(crate) fn new(infrastructure: &'m Infrastructure, metadata: &Metadata) -> Self {
        FluxResourcesFile {
            schema: Some(schema_url::url(Self::NAME)),
            kustomizations: EntryMap::new(&infrastructure.kustomizations),
            helm_releases: EntryMap::new(&infrastructure.helm_releases),
            sources: EntryMap::new(&infrastructure.sources),
            objects: EntryMap::new(&infrastructure.objects),
            not_applied: Cow::Borrowed(&infrastructure.not_applied),
            diagnostics: Cow::Borrowed(&infrastructure.diagnostics),
            ambiguous: ambiguous::<Self>(infrastructure),
            metadata: metadata.clone(),
        }
    }
}

impl Catalog for FluxResourcesFile<'_> {
    const NAME: &'static str = "flux-resources";
    const FILE_NAME: &'static str = "flux-resources.json";
    const MAPS: &'static [&'static str] = &["kustomizations", "helmReleases", "sources", "objects"];

    fn add_to(self, infrastructure: &mut Infrastructure) {
        infrastructure.kustomizations = self.kustomizations.into_owned();
        infrastructure.helm_releases = self.helm_releases.into_owned();
        infrastructure.sources = self.sources.into_owned();
        infrastructure.objects = self.objects.into_owned();
        infrastructure.not_applied = self.not_applied.into_owned();
        infrastructure.diagnostics = self.diagnostics.into_owned();
        infrastructure.ambiguous.extend(self.ambiguous);
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut Metadata {
        &mut self.metadata
    }
}

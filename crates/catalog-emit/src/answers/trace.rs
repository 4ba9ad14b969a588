//! `trace`: a service, and what leads from the source to it.

use infra_model::Place;
use infra_model::config::{ConfigMap, Usage};
use infra_model::dependency::Dependency;
use infra_model::service::Service;
use infra_query::Subject;
use infra_query::trace::{ConfigUse, Trace};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::secret::PathJson;
use super::subject::{ThingJson, abridged, thing};

/// A service, and what leads from its source to it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TraceJson<'a> {
    /// Key of the service.
    key: &'a str,
    /// Its entry, as in `services.json`.
    service: Box<Service>,
    /// The source of the Kustomization that applies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<ThingJson<'a>>,
    /// The Kustomizations that lead to it, the cluster's first.
    chain: Vec<ThingJson<'a>>,
    /// The HelmRelease that installs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    helm_release: Option<ThingJson<'a>>,
    /// The source of its chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart_source: Option<ThingJson<'a>>,
    /// What decides its images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_groups: Vec<ThingJson<'a>>,
    /// The ConfigMaps it uses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    config: Vec<ConfigUseJson<'a>>,
    /// The paths of its secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<PathJson<'a>>,
    /// What it talks to.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    depends_on: &'a [Dependency],
    /// Keys of the services that talk to it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dependents: &'a [&'a str],
    /// Commands to run next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

/// A ConfigMap that a service uses.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConfigUse")]
pub(super) struct ConfigUseJson<'a> {
    /// Key of the ConfigMap.
    key: &'a str,
    /// Where a person edits it.
    source: Option<&'a Place>,
    /// How it is used.
    usage: &'a [&'a Usage],
}

impl ToJson for Trace<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let chain = self.chain.iter();
        let chain = chain.map(|(key, it)| thing(Subject::Kustomization(key, it)));
        let groups = self.image_groups.iter();
        let groups = groups.map(|(key, it)| thing(Subject::ImageGroup(key, it)));
        let source = |(key, source)| thing(Subject::Source(key, source));
        let release = |(key, release)| thing(Subject::HelmRelease(key, release));
        to_value(TraceJson {
            key: self.key,
            service: abridged(self.key, self.service),
            source: self.source.map(source),
            chain: chain.collect(),
            helm_release: self.helm_release.map(release),
            chart_source: self.chart_source.map(source),
            image_groups: groups.collect(),
            config: self.config.iter().map(config_use).collect(),
            secrets: self.secrets.iter().map(PathJson::from).collect(),
            depends_on: self.depends_on,
            dependents: &self.dependents,
            next: steps(&self.next),
        })
    }
}

/// How a service uses a ConfigMap.
pub(super) fn config_use<'a>(used: &'a ConfigUse<'_>) -> ConfigUseJson<'a> {
    let ConfigMap { source, .. } = used.config_map;
    ConfigUseJson {
        key: used.key,
        source: source.as_ref(),
        usage: &used.usage,
    }
}

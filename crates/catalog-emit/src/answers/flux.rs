//! `flux`: the Flux objects that manage a thing, its dependencies, and the order in which to check.

use infra_model::Diagnostic;
use infra_query::Subject;
use infra_query::flux::FluxAnswer;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::subject::{Named, ThingJson, named, thing};

/// What manages a thing.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FluxJson<'a> {
    /// What the question is about.
    subject: Named<'a>,
    /// The Kustomization that applies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    kustomization: Option<ThingJson<'a>>,
    /// Keys of the Kustomizations that apply that one, the nearest first.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    parents: &'a [&'a str],
    /// The HelmRelease that installs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    helm_release: Option<ThingJson<'a>>,
    /// The source.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<ThingJson<'a>>,
    /// What has to be ready first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<WaitJson<'a>>,
    /// What keeps it from becoming ready, as far as the repository tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    ready: Option<&'a str>,
    /// What a Kustomization decrypts with.
    #[serde(skip_serializing_if = "Option::is_none")]
    decryption: Option<&'a str>,
    /// Which Alerts report its events.
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<&'a str>,
    /// Which Receivers make Flux look at it or at its source at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    receivers: Option<&'a str>,
    /// Findings about it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    diagnostics: &'a [&'a Diagnostic],
    /// Commands, in the order in which to check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    check: Vec<StepJson<'a>>,
}

/// What has to be ready first.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Wait")]
struct WaitJson<'a> {
    /// Its key.
    key: &'a str,
    /// Over how many dependencies.
    distance: usize,
    /// Whether the repository has it.
    known: bool,
}

impl ToJson for FluxAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let waits = self.waits_for.iter().map(|wait| WaitJson {
            key: wait.key,
            distance: wait.distance,
            known: wait.subject.is_some(),
        });
        let kustomization = |(key, it)| thing(Subject::Kustomization(key, it));
        let release = |(key, it)| thing(Subject::HelmRelease(key, it));
        let source = |(key, it)| thing(Subject::Source(key, it));
        to_value(FluxJson {
            subject: named(self.subject),
            kustomization: self.kustomization.map(kustomization),
            parents: &self.parents,
            helm_release: self.helm_release.map(release),
            source: self.source.map(source),
            waits_for: waits.collect(),
            ready: self.ready.as_deref(),
            decryption: self.decryption.as_deref(),
            alerts: self.alerts.as_deref(),
            receivers: self.receivers.as_deref(),
            diagnostics: &self.diagnostics,
            check: steps(&self.check),
        })
    }
}

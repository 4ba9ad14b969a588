//! `impact`: `{"of", "effects": [{"kind", "key", "effect", "distance", "because": [{"evidence", "source"}], "failureImpact"}], "namedBy", "needs",
//! "inOtherClusters", "reachedByAll", "next"}`.

use infra_query::impact::Impact;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::named_by::{NamedByJson, named_by};
use super::next_steps::{StepJson, steps};

/// What fails with a thing.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImpactJson<'a> {
    /// What the question is about, as `kind key`.
    of: &'a [String],
    /// What is affected, the nearest first.
    effects: Vec<EffectJson<'a>>,
    /// Objects that name it and are no service, Kustomization or HelmRelease.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    named_by: Vec<NamedByJson<'a>>,
    /// What it needs itself, where it is one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<NeedJson<'a>>,
    /// What depends on it in clusters that are not asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    in_other_clusters: Vec<InOtherJson<'a>>,
    /// What everything in a cluster uses without stating it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reached_by_all: Vec<ReachedByAllJson<'a>>,
    /// What happens to the pods of services that read a ConfigMap or Secret when it changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_change: Vec<OnChangeJson<'a>>,
    /// Commands to run next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

/// A thing that is affected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Effect")]
struct EffectJson<'a> {
    /// Its kind.
    kind: &'a str,
    /// Its key.
    key: &'a str,
    /// How it is affected.
    effect: &'a str,
    /// Number of steps to it: 1 for a direct effect.
    distance: usize,
    /// Why.
    because: Vec<BecauseJson<'a>>,
    /// What its failure means, where the knowledge file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_impact: Option<&'a str>,
}

/// A reason.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Because")]
struct BecauseJson<'a> {
    /// What shows it.
    evidence: &'a str,
    /// `FILE:LINE` that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// Something that it needs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Need")]
struct NeedJson<'a> {
    /// Its key, or a host.
    key: &'a str,
    /// Whether Flux waits for it, as opposed to the thing talking to it.
    waited_for: bool,
}

/// What depends on it in another cluster.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InOtherCluster")]
struct InOtherJson<'a> {
    /// The cluster.
    cluster: &'a str,
    /// Keys of what does.
    keys: &'a [String],
}

/// A thing that everything reaches.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReachedByAll")]
struct ReachedByAllJson<'a> {
    /// Its key.
    key: &'a str,
    /// What it is to the others.
    meaning: &'a str,
}

/// What happens to the pods of a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OnChange")]
struct OnChangeJson<'a> {
    /// Key of the service.
    service: &'a str,
    /// Whether its pods are replaced.
    restarts: bool,
    /// Why, or why not.
    why: &'static str,
}

impl ToJson for Impact<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let effects = self.effects.iter().map(|effect| EffectJson {
            kind: effect.node.kind(),
            key: effect.node.key(),
            effect: effect.kind.as_str(),
            distance: effect.distance,
            because: effect
                .because
                .iter()
                .map(|reason| BecauseJson {
                    evidence: &reason.text,
                    source: reason.place.as_ref().map(ToString::to_string),
                })
                .collect(),
            failure_impact: effect.failure_impact,
        });
        let reached = self.reached_by_all.iter();
        let reached = reached.map(|(key, meaning)| ReachedByAllJson { key, meaning });
        let needs = self.needs.iter().map(|need| NeedJson {
            key: &need.key,
            waited_for: need.is_waited_for,
        });
        let in_others = self.in_others.iter().map(|other| InOtherJson {
            cluster: &other.cluster,
            keys: &other.keys,
        });
        let on_change = self.on_change.iter().map(|(service, change)| OnChangeJson {
            service,
            restarts: change.restarts(),
            why: change.as_str(),
        });
        to_value(ImpactJson {
            of: &self.of,
            on_change: on_change.collect(),
            effects: effects.collect(),
            named_by: named_by(&self.named_by),
            needs: needs.collect(),
            in_other_clusters: in_others.collect(),
            reached_by_all: reached.collect(),
            next: steps(&self.next),
        })
    }
}

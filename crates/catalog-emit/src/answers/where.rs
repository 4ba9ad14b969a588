//! `where`: `{"hits": [{"kind", "key", "entry", "matched"}], "next"}`.

use infra_query::r#where::{Told, Where};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::named_by::{NamedByJson, named_by};
use super::next_steps::{StepJson, steps};
use super::subject::{ThingJson, thing};
use super::why_not::{self, WhyNotJson};

/// What a name means.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WhereJson<'a> {
    /// What it means, best first.
    hits: Vec<HitJson<'a>>,
    /// The DNS records of the host that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<FactJson<'a>>,
    /// Further facts about the only thing that it means: schedules, data and its backup, what it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    told: Vec<FactJson<'a>>,
    /// How routes without hosts lead to the only service that it means.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exposed: Vec<ExposureJson<'a>>,
    /// The objects that name the only thing that it means, such as policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    named_by: Vec<NamedByJson<'a>>,
    /// What Flux would apply by the very name, and does not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_applied: Vec<WhyNotJson<'a>>,
    /// Commands to run next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

/// A fact in words.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Told")]
struct FactJson<'a> {
    /// What it is, such as `backup`.
    label: &'a str,
    /// In words.
    text: &'a str,
    /// `FILE:LINE` that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

fn facts(facts: &[Told]) -> Vec<FactJson<'_>> {
    let facts = facts.iter().map(|fact| FactJson {
        label: &fact.label,
        text: &fact.text,
        source: fact.place.as_ref().map(ToString::to_string),
    });
    facts.collect()
}

/// A thing that a name means.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hit")]
struct HitJson<'a> {
    #[serde(flatten)]
    thing: ThingJson<'a>,
    /// How the name matches.
    matched: &'a str,
}

/// How a route leads to a service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exposure")]
struct ExposureJson<'a> {
    /// Key of the route.
    route: &'a str,
    /// Name of its Gateway.
    gateway: &'a str,
    /// The listener that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    listener: Option<&'a str>,
    /// The port of the listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<&'a str>,
    /// The port that it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
}

impl ToJson for Where<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let hits = self.hits.iter().map(|hit| HitJson {
            thing: thing(hit.subject),
            matched: hit.matched.as_str(),
        });
        let exposed = self.exposed.iter().map(|exposure| ExposureJson {
            route: exposure.route,
            gateway: exposure.gateway,
            listener: exposure.listener,
            port: exposure.port,
            to: exposure.to,
        });
        to_value(WhereJson {
            hits: hits.collect(),
            records: facts(&self.records),
            told: facts(&self.told),
            exposed: exposed.collect(),
            named_by: named_by(&self.named_by),
            not_applied: why_not::entries(&self.not_applied),
            next: steps(&self.next),
        })
    }
}

//! `where`: `{"hits": [{"kind", "key", "entry", "matched"}], "next"}`.

use infra_query::r#where::Where;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::subject::{ThingJson, thing};

/// What a name means.
#[derive(Serialize, JsonSchema)]
pub(super) struct WhereJson<'a> {
    /// What it means, best first.
    hits: Vec<HitJson<'a>>,
    /// Commands to run next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
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

impl ToJson for Where<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let hits = self.hits.iter().map(|hit| HitJson {
            thing: thing(hit.subject),
            matched: hit.matched.as_str(),
        });
        to_value(WhereJson {
            hits: hits.collect(),
            next: steps(&self.next),
        })
    }
}

//! `--next`: `{"next", "things": [{"kind", "key", "next"}]}`.

use infra_query::next::Next;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};
use super::subject::{Named, named};

/// Commands to run next, in place of an answer.
#[derive(Serialize, JsonSchema)]
pub(super) struct NextJson<'a> {
    /// Those of the question.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
    /// Those of each thing that the name means.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    things: Vec<NextOfThing<'a>>,
}

/// A thing and its commands.
#[derive(Serialize, JsonSchema)]
struct NextOfThing<'a> {
    #[serde(flatten)]
    named: Named<'a>,
    /// Its commands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

impl ToJson for Next<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let things = self.things.iter().map(|(subject, next)| NextOfThing {
            named: named(*subject),
            next: steps(next),
        });
        to_value(NextJson {
            next: steps(&self.question),
            things: things.collect(),
        })
    }
}

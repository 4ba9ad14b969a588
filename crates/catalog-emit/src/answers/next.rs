//! `next` as JSON.

use infra_model::query::next::Next;
use serde_json::{Error, Value, json};

use super::ToJson;
use super::next_steps::steps;

impl ToJson for Next<'_> {
    fn to_json(&self) -> Result<Value, Error> {
        let things = self.things.iter().map(
            |(subject, next)| json!({"kind": subject.kind(), "key": subject.key(), "next": steps(next)}),
        );
        Ok(json!({"things": things.collect::<Vec<_>>()}))
    }
}

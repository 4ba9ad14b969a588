//! `--next`: `{"next", "things": [{"kind", "key", "next"}]}`.

use infra_query::next::Next;
use serde_json::{Error, Value};

use super::next_steps::steps;
use super::{ToJson, object, unless_empty};

impl ToJson for Next<'_> {
    fn to_json(&self) -> Result<Value, Error> {
        let things = self.things.iter().map(|(subject, next)| {
            object([
                ("kind", subject.kind().into()),
                ("key", subject.key().into()),
                ("next", steps(next)),
            ])
        });
        Ok(object([
            ("next", steps(&self.question)),
            ("things", unless_empty(things)),
        ]))
    }
}

//! `impact`: `{"of", "effects": [{"kind", "key", "effect", "distance", "because": [{"evidence", "source"}], "failureImpact"}], "reachedByAll", "next"}`.

use infra_query::impact::Impact;
use serde_json::Value;

use super::{ToJson, next_steps, object, unless_empty};

impl ToJson for Impact<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let effects: Vec<Value> = self
            .effects
            .iter()
            .map(|effect| {
                object([
                    ("kind", effect.node.kind().into()),
                    ("key", effect.node.key().into()),
                    ("effect", effect.kind.as_str().into()),
                    ("distance", effect.distance.into()),
                    (
                        "because",
                        effect
                            .because
                            .iter()
                            .map(|one| {
                                object([
                                    ("evidence", one.text.as_str().into()),
                                    (
                                        "source",
                                        one.place
                                            .as_ref()
                                            .map_or(Value::Null, |place| place.to_string().into()),
                                    ),
                                ])
                            })
                            .collect(),
                    ),
                    ("failureImpact", effect.failure_impact.into()),
                ])
            })
            .collect();
        Ok(object([
            ("of", self.of.clone().into()),
            ("effects", Value::Array(effects)),
            (
                "reachedByAll",
                unless_empty(
                    self.reached_by_all.iter().map(|(key, meaning)| {
                        object([("key", (*key).into()), ("meaning", (*meaning).into())])
                    }),
                ),
            ),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}

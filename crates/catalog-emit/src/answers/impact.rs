//! `impact`: `{"of", "effects": [{"kind", "key", "effect", "distance", "because", "failureImpact"}], "next"}`.

use infra_query::impact::Impact;
use serde_json::Value;

use super::{ToJson, next_steps, object};

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
                    ("because", effect.because.as_str().into()),
                    ("failureImpact", effect.failure_impact.into()),
                ])
            })
            .collect();
        Ok(object([
            ("of", self.of.clone().into()),
            ("effects", Value::Array(effects)),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}

//! `explain`: `{"service", "fields": [{"field", "name", "object", "path", "value", "provedBy", "chain"}]}`, as
//! `docs/schemas/explain.schema.json` states it.

use infra_query::explain::{ExplainAnswer, ValuesAnswer};
use serde_json::Value;

use super::{ToJson, next_steps, object};

impl ToJson for ExplainAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.explanation)
    }
}

impl ToJson for ValuesAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        Ok(object([
            ("helmRelease", self.release.into()),
            ("path", self.path.as_str().into()),
            ("values", serde_json::to_value(&self.values)?),
            ("check", next_steps::steps(&self.check)),
        ]))
    }
}

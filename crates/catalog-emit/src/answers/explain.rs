//! `explain`: `{"service", "fields": [{"field", "name", "object", "path", "value", "provedBy", "chain"}]}`, as
//! `docs/schemas/explain.schema.json` states it.

use infra_query::explain::ExplainAnswer;
use serde_json::Value;

use super::ToJson;

impl ToJson for ExplainAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(&self.explanation)
    }
}

//! `grep`: `[{"kind", "key", "field", "text"}]`.

use infra_query::grep::Grep;
use serde_json::{Value, json};

use super::ToJson;

impl ToJson for Grep<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let matches = self.matches.iter();
        Ok(matches
            .map(|found| json!({"kind": found.kind, "key": found.key, "field": found.field, "text": found.text}))
            .collect())
    }
}

//! `where`: `{"hits": [{"kind", "key", "matched", "entry"}], "next"}`.

use infra_query::r#where::Where;
use serde_json::Value;

use super::{ToJson, next_steps, object, subject};

impl ToJson for Where<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let mut hits = Vec::new();
        for hit in &self.hits {
            let mut value = subject::full(hit.subject)?;
            if let Value::Object(members) = &mut value {
                members.insert("matched".to_owned(), hit.matched.as_str().into());
            }
            hits.push(value);
        }
        Ok(object([
            ("hits", Value::Array(hits)),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}

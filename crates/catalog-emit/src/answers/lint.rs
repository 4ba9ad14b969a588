//! `lint`: `{"diagnostics", "errors", "warnings", "infos", "next"}`, diagnostics as in `flux-resources.json`.

use infra_model::Severity;
use infra_query::lint::Lint;
use serde_json::{Value, to_value};

use super::{ToJson, next_steps, object};

impl ToJson for Lint<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let mut diagnostics = Vec::new();
        for diagnostic in &self.diagnostics {
            diagnostics.push(to_value(diagnostic)?);
        }
        Ok(object([
            ("diagnostics", Value::Array(diagnostics)),
            ("errors", self.count(Severity::Error).into()),
            ("warnings", self.count(Severity::Warning).into()),
            ("infos", self.count(Severity::Info).into()),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}

//! `lint`: `{"diagnostics", "errors", "warnings", "infos"}`, diagnostics as in `flux-resources.json`.

use infra_model::Severity;
use infra_model::query::lint::Lint;
use serde_json::{Value, json, to_value};

use super::ToJson;
use crate::convert::flux_resources;

impl ToJson for Lint<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let mut diagnostics = Vec::new();
        for diagnostic in &self.diagnostics {
            diagnostics.push(to_value(flux_resources::diagnostic_entry(diagnostic))?);
        }
        Ok(json!({
            "diagnostics": diagnostics,
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "infos": self.count(Severity::Info),
        }))
    }
}

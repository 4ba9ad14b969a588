//! `lint`: `{"diagnostics", "errors", "warnings", "infos", "next"}`, diagnostics as in `flux-resources.json`.

use infra_model::{Diagnostic, Severity};
use infra_query::lint::Lint;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;
use super::next_steps::{StepJson, steps};

/// Findings.
#[derive(Serialize, JsonSchema)]
pub(super) struct LintJson<'a> {
    /// The findings.
    diagnostics: &'a [&'a Diagnostic],
    /// How many are errors.
    errors: usize,
    /// How many are warnings.
    warnings: usize,
    /// How many are notes.
    infos: usize,
    /// Commands to run next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<StepJson<'a>>,
}

impl ToJson for Lint<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        to_value(LintJson {
            diagnostics: &self.diagnostics,
            errors: self.count(Severity::Error),
            warnings: self.count(Severity::Warning),
            infos: self.count(Severity::Info),
            next: steps(&self.next),
        })
    }
}

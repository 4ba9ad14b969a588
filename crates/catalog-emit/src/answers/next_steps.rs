//! Commands to run next.

use infra_query::next_steps::Step;
use schemars::JsonSchema;
use serde::Serialize;

/// A command to run next.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
pub(super) struct StepJson<'a> {
    /// What it shows.
    purpose: &'a str,
    /// The command or query.
    command: &'a str,
    /// What runs it: `shell`, `logql` or `promql`.
    language: &'a str,
}

/// Commands, in the order in which to run them.
pub(super) fn steps(steps: &[Step]) -> Vec<StepJson<'_>> {
    let steps = steps.iter();
    steps
        .map(|step| StepJson {
            purpose: step.purpose,
            command: &step.command,
            language: step.language.as_str(),
        })
        .collect()
}

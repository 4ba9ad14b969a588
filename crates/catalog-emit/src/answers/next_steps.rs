//! Commands to run next.

use infra_query::next_steps::Step;
use serde_json::{Value, json};

use super::unless_empty;

/// `[{"purpose", "command", "language"}]`
pub(super) fn steps(steps: &[Step]) -> Value {
    unless_empty(steps.iter().map(|step| {
        json!({
            "purpose": step.purpose,
            "command": step.command,
            "language": step.language.as_str(),
        })
    }))
}

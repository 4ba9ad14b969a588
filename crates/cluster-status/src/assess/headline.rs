//! State of a Flux object by its conditions.
//!
//! In order of precedence: deleting, then suspended, stalled, `Ready=False`, `Ready=Unknown`, an older generation, `Ready=True`.
//! <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md>

use infra_model::ObjectRef;

use super::{Assessment, Retry, State};
use crate::live::{Condition, Conditions, Metadata};

/// Fields that all Flux objects have.
pub(super) struct FluxStatus<'a> {
    pub(super) metadata: &'a Metadata,
    pub(super) suspend: bool,
    pub(super) observed_generation: Option<i64>,
    pub(super) conditions: &'a [Condition],
    pub(super) last_handled_reconcile_at: &'a str,
    /// Whether something other than `Ready` shows that it was ready before.
    pub(super) has_result: bool,
}

/// The assessment by conditions alone.
pub(super) fn headline(object: &ObjectRef, status: &FluxStatus<'_>) -> Assessment {
    let FluxStatus {
        metadata,
        suspend,
        observed_generation,
        conditions,
        last_handled_reconcile_at,
        has_result,
    } = status;
    let mut assessment = Assessment::new(object);
    let ready = conditions.of_type("Ready");
    let stalled = conditions.with_status("Stalled", "True");
    let (reason, message) = ready.map_or(("", ""), |ready| (&ready.reason, &ready.message));
    let since = |assessment: Assessment, condition: Option<&Condition>| match condition {
        Some(condition) => assessment.since_text(&condition.last_transition_time),
        None => assessment,
    };
    if metadata.is_deleting() {
        let text = "it is being deleted; what it owns is removed first";
        return assessment.deleting(metadata, text);
    }
    if *suspend {
        let text = match ready {
            Some(ready) if ready.status == "False" => format!(
                "Flux does not update it; its last result was {}: {}",
                ready.reason, ready.message
            ),
            _ => "Flux does not update it".to_owned(),
        };
        return assessment.with(State::Suspended, "Suspended", &text);
    }
    if let Some(stalled) = stalled {
        // `Ready` says what failed, `Stalled` why it is not retried.
        let text = match message {
            "" => stalled.message.clone(),
            ready if ready == stalled.message || stalled.message.is_empty() => ready.to_owned(),
            ready => format!("{}: {ready}", stalled.message),
        };
        assessment = assessment.with(State::Broken, &stalled.reason, &text);
        assessment.retry = Some(Retry::Stalled);
        return since(assessment, Some(stalled));
    }
    let reconciling = conditions.with_status("Reconciling", "True");
    let is_retried = reconciling.is_some_and(|condition| condition.reason == "ProgressingWithRetry");
    let is_older =
        metadata.is_newer_than(*observed_generation) && ready.is_some_and(|ready| ready.status == "True");
    match ready.map(|ready| ready.status.as_str()) {
        Some("False") => {
            assessment = assessment.with(State::Broken, reason, message);
            assessment.retry = Some(Retry::Retried);
        }
        Some("Unknown") => {
            assessment = assessment.with(State::Waiting, reason, message);
            assessment.retry = is_retried.then_some(Retry::Retried);
        }
        Some("True") if is_older => {
            let text = "its spec has changed, and the controller has not looked at it yet";
            assessment = assessment.with(State::Waiting, "Progressing", text);
        }
        Some("True") => assessment = assessment.with(State::Ready, reason, message),
        _ if *has_result => assessment = assessment.with(State::Ready, "", ""),
        _ => {
            let text = "its controller has not reported anything yet";
            assessment = assessment.with(State::Waiting, "Progressing", text);
            assessment = assessment.since_text(&metadata.creation_timestamp);
        }
    }
    let requested = metadata.annotations.get("reconcile.fluxcd.io/requestedAt");
    if let Some(requested) = requested.filter(|requested| requested != last_handled_reconcile_at) {
        let note = format!("a reconciliation was requested at {requested} and is not picked up yet");
        assessment.notes.push(crate::message::shown(&note));
    }
    // No condition says when the spec changed.
    since(assessment, ready.filter(|_| !is_older))
}

//! The state that conditions of a Flux object amount to.
//!
//! Deleting, then suspended, stalled, `Ready=False`, `Ready=Unknown`, an older generation, `Ready=True`.
//! <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md>

use infra_model::ObjectRef;

use super::{Assessment, Retry, State};
use crate::live::{Condition, Conditions, Metadata};

/// What all Flux objects state.
pub(super) struct Stated<'a> {
    pub(super) metadata: &'a Metadata,
    pub(super) suspend: bool,
    pub(super) observed_generation: Option<i64>,
    pub(super) conditions: &'a [Condition],
    pub(super) last_handled_reconcile_at: &'a str,
    /// Whether it has been ready before, as far as something other than `Ready` says so.
    pub(super) has_result: bool,
}

/// The assessment by conditions alone.
pub(super) fn headline(object: &ObjectRef, stated: &Stated<'_>) -> Assessment {
    let Stated {
        metadata,
        suspend,
        observed_generation,
        conditions,
        last_handled_reconcile_at,
        has_result,
    } = stated;
    let mut assessment = Assessment::new(object);
    let ready = conditions.of_type("Ready");
    let stalled = conditions.with_status("Stalled", "True");
    let said = ready.map_or(("", ""), |ready| (&ready.reason, &ready.message));
    let since = |assessment: Assessment, condition: Option<&Condition>| match condition {
        Some(condition) => assessment.since_text(&condition.last_transition_time),
        None => assessment,
    };
    if metadata.is_deleting() {
        let text = "it is being deleted; what it owns is removed first";
        return assessment
            .is(State::Deleting, "Terminating", text)
            .since_text(&metadata.deletion_timestamp);
    }
    if *suspend {
        let text = match ready {
            Some(ready) if ready.status == "False" => {
                format!(
                    "Flux does not update it; its last result was {}: {}",
                    ready.reason, ready.message
                )
            }
            _ => "Flux does not update it".to_owned(),
        };
        return assessment.is(State::Suspended, "Suspended", &text);
    }
    if let Some(stalled) = stalled {
        // `Ready` says what failed, `Stalled` why nothing is tried any more.
        let text = match said.1 {
            "" => stalled.message.clone(),
            ready if ready == stalled.message || stalled.message.is_empty() => ready.to_owned(),
            ready => format!("{}: {ready}", stalled.message),
        };
        assessment = assessment.is(State::Broken, &stalled.reason, &text);
        assessment.retry = Some(Retry::Stalled);
        return since(assessment, Some(stalled));
    }
    let is_retried = conditions
        .with_status("Reconciling", "True")
        .is_some_and(|condition| condition.reason == "ProgressingWithRetry");
    // When a spec changed, no condition says.
    let mut is_older = false;
    match ready.map(|ready| ready.status.as_str()) {
        Some("False") => {
            assessment = assessment.is(State::Broken, said.0, said.1);
            assessment.retry = Some(Retry::Retried);
        }
        Some("Unknown") => {
            assessment = assessment.is(State::Waiting, said.0, said.1);
            assessment.retry = is_retried.then_some(Retry::Retried);
        }
        Some("True") => {
            is_older = matches!(
                (observed_generation, metadata.generation),
                (Some(observed), Some(generation)) if *observed < generation
            );
            if is_older {
                let text = "its spec has changed, and the controller has not looked at it yet";
                assessment = assessment.is(State::Waiting, "Progressing", text);
            } else {
                assessment = assessment.is(State::Ready, said.0, said.1);
            }
        }
        _ if *has_result => assessment = assessment.is(State::Ready, "", ""),
        _ => {
            let text = "its controller has not reported anything yet";
            assessment = assessment.is(State::Waiting, "Progressing", text);
            assessment = assessment.since_text(&metadata.creation_timestamp);
        }
    }
    let requested = metadata.annotations.get("reconcile.fluxcd.io/requestedAt");
    if let Some(requested) = requested.filter(|requested| requested != last_handled_reconcile_at) {
        let note = format!("a reconciliation was requested at {requested} and is not picked up yet");
        assessment.notes.push(crate::message::shown(&note));
    }
    since(assessment, ready.filter(|_| !is_older))
}

//! Objects of other kinds: claims, ExternalSecrets and their stores, custom resources.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};
use crate::live::{Condition, Conditions, Custom};

/// Conditions that say whether an object is as it should be, in the order in which they are asked.
const POSITIVE: [&str; 4] = ["Ready", "Available", "Synced", "Established"];

impl Assessor<'_> {
    pub(super) fn custom(&self, object: &ObjectRef, custom: &Custom) -> Assessment {
        let Custom {
            metadata,
            spec,
            status,
        } = custom;
        let assessment = Assessment::new(object);
        if metadata.is_deleting() {
            return assessment
                .is(State::Deleting, "Terminating", "it is being deleted")
                .since_text(&metadata.deletion_timestamp);
        }
        let conditions = status.conditions.as_slice();
        let decisive = POSITIVE.iter().find_map(|name| conditions.of_type(name));
        let with = |assessment: Assessment, state: State, condition: &Condition| {
            assessment
                .is(state, &condition.reason, &condition.message)
                .since_text(&condition.last_transition_time)
        };
        let mut assessment = match (object.kind.as_str(), decisive) {
            ("PersistentVolumeClaim", _) => match status.phase.as_str() {
                "Bound" | "" => assessment.is(State::Ready, "Bound", ""),
                phase => {
                    let reasons = ["ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer"];
                    let warning = self.warning(object, &reasons);
                    let text = warning.map_or("no volume is bound to it", |warning| &warning.message);
                    let reason = warning.map_or(phase, |warning| &warning.reason);
                    let state = if phase == "Lost" || warning.is_some() {
                        State::Broken
                    } else {
                        State::Waiting
                    };
                    assessment
                        .is(state, reason, text)
                        .since_text(&metadata.creation_timestamp)
                }
            },
            _ if conditions.with_status("Stalled", "True").is_some() => {
                let stalled = conditions.with_status("Stalled", "True");
                stalled.map_or(assessment.clone(), |stalled| {
                    with(assessment, State::Broken, stalled)
                })
            }
            (_, Some(ready)) if ready.status == "True" => assessment.is(State::Ready, &ready.reason, ""),
            (_, Some(ready)) if ready.status == "False" => with(assessment, State::Broken, ready),
            (_, Some(ready)) => with(assessment, State::Waiting, ready),
            _ if spec.suspend => assessment.is(State::Suspended, "Suspended", "it is suspended"),
            _ => match status.phase.as_str() {
                "Failed" | "Error" => assessment.is(State::Broken, &status.phase, ""),
                "Pending" | "Progressing" => assessment.is(State::Waiting, &status.phase, ""),
                // An object without a status that anybody reads is as it should be.
                _ => assessment.is(State::Ready, "", ""),
            },
        };
        // cert-manager says in `Ready` that there is no Secret yet, and in `Issuing` why.
        if assessment.state != State::Ready
            && let Some(issuing) = conditions.with_status("Issuing", "False")
            && issuing.reason == "Failed"
        {
            assessment = with(assessment, State::Broken, issuing);
        }
        // Some controllers write one sentence into the condition whatever happened, and the error into an event.
        if assessment.state == State::Broken
            && object.kind != "PersistentVolumeClaim"
            && let Some(event) = self.snapshot.events_of(object).first()
            && !event.message.is_empty()
            && !assessment.message.contains(event.message.trim())
        {
            assessment.message = crate::message::shown(&format!("{}: {}", assessment.message, event.message));
            assessment.tries = assessment
                .tries
                .or(Some(event.times()).filter(|times| *times > 1));
        }
        if assessment.state != State::Ready {
            let kind = "SecretStore";
            assessment.leads.extend(
                spec.secret_store_ref
                    .object(kind, &object.namespace)
                    .map(|store| match store.kind.as_str() {
                        "ClusterSecretStore" => ObjectRef::new(store.kind, "", store.name),
                        _ => store,
                    }),
            );
        }
        assessment
    }
}

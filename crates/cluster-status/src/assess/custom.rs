//! Other objects: claims, ExternalSecrets and their stores, custom resources.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};
use crate::live::{Conditions, Custom};

/// Conditions that are `True` for a healthy object, in order of precedence.
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
            return assessment.deleting(metadata, "it is being deleted");
        }
        let conditions = status.conditions.as_slice();
        let decisive = POSITIVE.iter().find_map(|name| conditions.of_type(name));
        let stalled = conditions.with_status("Stalled", "True");
        let mut assessment = match (object.kind.as_str(), stalled, decisive) {
            ("PersistentVolumeClaim", ..) => match status.phase.as_str() {
                "Bound" | "" => assessment.with(State::Ready, "Bound", ""),
                phase => {
                    let reasons = ["ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer"];
                    let warning = self.warning(object, &reasons);
                    let text = warning.map_or("no volume is bound to it", |warning| &warning.message);
                    let reason = warning.map_or(phase, |warning| &warning.reason);
                    let state = match phase == "Lost" || warning.is_some() {
                        true => State::Broken,
                        false => State::Waiting,
                    };
                    assessment
                        .with(state, reason, text)
                        .since_text(&metadata.creation_timestamp)
                }
            },
            (_, Some(stalled), _) => assessment.by_condition(State::Broken, stalled),
            (_, None, Some(ready)) => match ready.status.as_str() {
                "True" => assessment.with(State::Ready, &ready.reason, ""),
                "False" => assessment.by_condition(State::Broken, ready),
                _ => assessment.by_condition(State::Waiting, ready),
            },
            _ if spec.suspend => assessment.with(State::Suspended, "Suspended", "it is suspended"),
            _ => match status.phase.as_str() {
                "Failed" | "Error" => assessment.with(State::Broken, &status.phase, ""),
                "Pending" | "Progressing" => assessment.with(State::Waiting, &status.phase, ""),
                // An object without a known status counts as healthy.
                _ => assessment.with(State::Ready, "", ""),
            },
        };
        // cert-manager says in `Ready` that there is no Secret yet, and in `Issuing` why.
        if assessment.state != State::Ready
            && let Some(issuing) = conditions.with_status("Issuing", "False")
            && issuing.reason == "Failed"
        {
            assessment = assessment.by_condition(State::Broken, issuing);
        }
        // Some controllers write a fixed sentence into the condition, and the error into an event.
        if assessment.state == State::Broken
            && object.kind != "PersistentVolumeClaim"
            && let Some(event) = self.snapshot.events_of(object).first()
            && !event.message.is_empty()
            && !assessment.message.contains(event.message.trim())
        {
            assessment.message = crate::message::shown(&format!("{}: {}", assessment.message, event.message));
            let times = Some(event.times()).filter(|times| *times > 1);
            assessment.tries = assessment.tries.or(times);
        }
        if assessment.state != State::Ready {
            let store = spec.secret_store_ref.object("SecretStore", &object.namespace);
            assessment
                .leads
                .extend(store.map(|store| match store.kind.as_str() {
                    "ClusterSecretStore" => ObjectRef::new(store.kind, "", store.name),
                    _ => store,
                }));
        }
        assessment
    }
}

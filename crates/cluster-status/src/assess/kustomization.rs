//! Flux Kustomizations.
//!
//! <https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>

use infra_model::ObjectRef;

use super::headline::{FluxStatus, headline};
use super::{Assessment, Assessor, State, text_of};
use crate::live::{Conditions, Kustomization};
use crate::message::{named, non_empty, objects, quoted_after};
use crate::snapshot::metadata_of;

impl Assessor<'_> {
    pub(super) fn kustomization(&self, object: &ObjectRef, kustomization: &Kustomization) -> Assessment {
        let Kustomization {
            metadata,
            spec,
            status,
        } = kustomization;
        let mut assessment = headline(
            object,
            &FluxStatus {
                metadata,
                suspend: spec.suspend,
                // It lags while runs fail, as only a success or a stall sets it.
                observed_generation: status.observed_generation,
                conditions: &status.conditions,
                last_handled_reconcile_at: &status.last_handled_reconcile_at,
                has_result: false,
            },
        );
        let source = spec.source_ref.object("GitRepository", &object.namespace);
        let live = source
            .as_ref()
            .and_then(|source| self.snapshot.sources.get(source));
        let artifact = live.and_then(|source| non_empty(&source.status.artifact.revision));
        let wanted = artifact.or(non_empty(&status.last_attempted_revision));
        assessment.running = non_empty(&status.last_applied_revision).map(str::to_owned);
        assessment.wanted = wanted.map(str::to_owned);
        let newest = status.history.first();
        if let Some(newest) = newest.filter(|newest| newest.last_reconciled_status == assessment.reason) {
            assessment.tries = newest.total_reconciliations;
            assessment.since = crate::time::parse(&newest.first_reconciled).or(assessment.since);
        }
        match assessment.state {
            State::Broken | State::Waiting => self.follow_kustomization(&mut assessment, kustomization),
            State::Ready => self.staleness(&mut assessment, source),
            State::Suspended if assessment.running != assessment.wanted => {
                assessment.note("its source has a revision that it does not apply");
            }
            _ => {}
        }
        assessment
    }

    /// Marks a Kustomization as stale that is `Ready` with an old artifact while its source fails or has a newer one.
    fn staleness(&self, assessment: &mut Assessment, source: Option<ObjectRef>) {
        let Some(source) = source.filter(|source| self.snapshot.is_complete_for(source)) else {
            return;
        };
        let of_source = self.assess(&source);
        let (since, text) = if of_source.state != State::Ready {
            assessment.note("ready but stale: Flux goes on with the last artifact");
            let text = format!(
                "it is Ready, but its source {source} is {}",
                of_source.state.as_str()
            );
            assessment.lead(source);
            (of_source.since, text)
        } else if assessment.wanted.is_some() && assessment.running != assessment.wanted {
            assessment.note("ready but stale: the revision is not applied yet");
            let updated = self.snapshot.sources.get(&source);
            let updated = updated.map(|source| &source.status.artifact.last_update_time);
            let text = "it is Ready, but its source has another revision".to_owned();
            (updated.and_then(|time| crate::time::parse(time)), text)
        } else {
            return;
        };
        assessment.state = State::Stale;
        assessment.reason = "Stale".to_owned();
        assessment.message = crate::message::shown(&text);
        assessment.since = since;
    }

    fn follow_kustomization(&self, assessment: &mut Assessment, kustomization: &Kustomization) {
        let Kustomization { spec, status, .. } = kustomization;
        let object = assessment.object.clone();
        let condition = status.conditions.of_type("Ready");
        let ready = text_of(condition);
        match condition.map(|condition| condition.reason.as_str()) {
            Some("DependencyNotReady") => {
                assessment.state = State::Waiting;
                let name = quoted_after(ready, "dependency ");
                assessment.lead_all(name.map(|name| named("Kustomization", name, &object)));
                let stated = spec.depends_on.iter();
                assessment.lead_all(stated.filter_map(|it| it.object("Kustomization", &object.namespace)));
                if ready.contains("revision is not up to date") {
                    assessment.note(
                        "a dependency that is Ready blocks it: the dependency has not applied the present revision yet",
                    );
                }
            }
            Some("ArtifactFailed") => {
                assessment.lead_all(spec.source_ref.object("GitRepository", &object.namespace));
            }
            Some("HealthCheckFailed") => {
                let mut unhealthy = objects(ready);
                // A failed object explains more than one still in progress.
                unhealthy.sort_by_key(|(_, word)| !matches!(word, Some("Failed" | "NotFound")));
                if unhealthy.len() > 1 {
                    let names: Vec<String> = unhealthy.iter().map(|(it, _)| it.to_string()).collect();
                    let names = names.join(", ");
                    assessment.note(&format!("each of these keeps it from being ready: {names}"));
                }
                assessment.lead_all(unhealthy.into_iter().map(|(object, _)| object));
            }
            Some("BuildFailed") => {
                let name = quoted_after(ready, "decryption Secret ").filter(|_| ready.contains("not found"));
                assessment.lead_all(name.map(|name| named("Secret", name, &object)));
            }
            Some("ReconciliationFailed" | "PruneFailed") => assessment.lead_all(self.refusal(ready)),
            Some("Progressing") | None => {
                let unhealthy = objects(text_of(status.conditions.with_status("Healthy", "False")));
                assessment.lead_all(unhealthy.into_iter().map(|(object, _)| object));
                if ready.contains("health checks") {
                    assessment.lead_all(self.owned_by(&object));
                }
                if status.conditions.is_empty() {
                    assessment.lead_all(self.controller("kustomize-controller"));
                }
            }
            _ => {}
        }
    }

    /// The objects behind a refusal of the API server: a webhook that does not answer, or HelmReleases that define a missing kind.
    fn refusal(&self, text: &str) -> Vec<ObjectRef> {
        let mut leads = Vec::new();
        if text.contains("failed calling webhook") {
            leads.extend(self.webhook(text));
        }
        if quoted_after(text, "no matches for kind ").is_some() {
            let version = quoted_after(text, "in version ").unwrap_or_default();
            let group = version.split_once('/').map_or("", |(group, _)| group);
            leads.extend(self.repository.definers(group));
        }
        leads
    }

    /// The workload behind `https://name.namespace.svc` in a message.
    fn webhook(&self, text: &str) -> Option<ObjectRef> {
        let (_, host) = text.split_once("https://")?;
        let mut parts = host.split(['.', ':', '/']);
        let (name, namespace) = (parts.next()?, parts.next()?);
        let workloads = self.snapshot.workloads.keys();
        let in_namespace = || workloads.clone().filter(|object| object.namespace == namespace);
        in_namespace()
            .find(|object| object.name == name)
            .or_else(|| in_namespace().find(|object| name.starts_with(object.name.as_str())))
            .cloned()
    }

    /// The HelmReleases, workloads and other objects with the labels of a Flux object.
    pub(super) fn owned_by(&self, owner: &ObjectRef) -> Vec<ObjectRef> {
        let objects = metadata_of(&self.snapshot.helm_releases)
            .chain(metadata_of(&self.snapshot.workloads))
            .chain(metadata_of(&self.snapshot.custom));
        let owned = objects.filter(|(_, metadata)| metadata.flux_owner().as_ref() == Some(owner));
        owned.map(|(object, _)| object.clone()).collect()
    }
}

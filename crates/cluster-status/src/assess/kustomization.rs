//! Flux Kustomizations.
//!
//! <https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>

use infra_model::ObjectRef;

use super::headline::{Stated, headline};
use super::{Assessment, Assessor, State, text_of};
use crate::live::{Conditions, Kustomization};
use crate::message::{named, objects, quoted_after};

impl Assessor<'_> {
    pub(super) fn kustomization(&self, object: &ObjectRef, kustomization: &Kustomization) -> Assessment {
        let Kustomization {
            metadata,
            spec,
            status,
        } = kustomization;
        let mut assessment = headline(
            object,
            &Stated {
                metadata,
                suspend: spec.suspend,
                // It is written after a success or a stall only, so that it lags while runs fail.
                observed_generation: status.observed_generation,
                conditions: &status.conditions,
                last_handled_reconcile_at: &status.last_handled_reconcile_at,
                has_result: false,
            },
        );
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let source = spec.source_ref.object("GitRepository", &object.namespace);
        let artifact = source
            .as_ref()
            .and_then(|source| self.snapshot.sources.get(source))
            .and_then(|source| some(&source.status.artifact.revision));
        assessment.running = some(&status.last_applied_revision);
        assessment.wanted = artifact.or_else(|| some(&status.last_attempted_revision));
        let newest = status.history.first();
        if let Some(newest) = newest.filter(|newest| newest.last_reconciled_status == assessment.reason) {
            assessment.tries = newest.total_reconciliations;
            assessment.since = crate::time::parse(&newest.first_reconciled).or(assessment.since);
        }
        match assessment.state {
            State::Broken | State::Waiting => self.follow_kustomization(&mut assessment, kustomization),
            State::Ready => self.is_stale(&mut assessment, source),
            State::Suspended if assessment.running != assessment.wanted => {
                assessment
                    .notes
                    .push("its source has a revision that it does not apply".to_owned());
            }
            _ => {}
        }
        assessment
    }

    /// The trap that `Ready` alone hides: it goes on with the last artifact when its source fails.
    fn is_stale(&self, assessment: &mut Assessment, source: Option<ObjectRef>) {
        let Some(source) = source.filter(|source| self.snapshot.is_complete_for(source)) else {
            return;
        };
        let of_source = self.assess(&source);
        if of_source.state != State::Ready {
            let text = format!(
                "it is Ready, but its source {source} is {}",
                of_source.state.as_str()
            );
            assessment.state = State::Stale;
            assessment.reason = "Stale".to_owned();
            assessment.message = crate::message::shown(&text);
            assessment.since = of_source.since;
            assessment
                .notes
                .push("ready but stale: Flux goes on with the last artifact".to_owned());
            assessment.lead(source);
        } else if assessment.wanted.is_some() && assessment.running != assessment.wanted {
            let text = "it is Ready, but its source has another revision";
            assessment.state = State::Stale;
            assessment.reason = "Stale".to_owned();
            assessment.message = text.to_owned();
            assessment.since = self
                .snapshot
                .sources
                .get(&source)
                .and_then(|source| crate::time::parse(&source.status.artifact.last_update_time));
            assessment
                .notes
                .push("ready but stale: the revision is not applied yet".to_owned());
        }
    }

    fn follow_kustomization(&self, assessment: &mut Assessment, kustomization: &Kustomization) {
        let Kustomization { spec, status, .. } = kustomization;
        let object = assessment.object.clone();
        let ready = text_of(status.conditions.of_type("Ready"));
        let source = spec.source_ref.object("GitRepository", &object.namespace);
        match status
            .conditions
            .of_type("Ready")
            .map(|ready| ready.reason.as_str())
        {
            Some("DependencyNotReady") => {
                assessment.state = State::Waiting;
                let named_one =
                    quoted_after(ready, "dependency ").map(|name| named("Kustomization", name, &object));
                let stated = spec.depends_on.iter();
                let stated = stated.filter_map(|one| one.object("Kustomization", &object.namespace));
                for dependency in named_one.into_iter().chain(stated) {
                    assessment.lead(dependency);
                }
                if ready.contains("revision is not up to date") {
                    let note = "a dependency that is Ready blocks it: the dependency has not applied the present revision yet";
                    assessment.notes.push(note.to_owned());
                }
            }
            Some("ArtifactFailed") => {
                if let Some(source) = source {
                    assessment.lead(source);
                }
            }
            Some("HealthCheckFailed") => {
                let mut named_ones = objects(ready);
                // What has failed explains more than what is still in progress.
                named_ones.sort_by_key(|(_, word)| !matches!(word, Some("Failed" | "NotFound")));
                if named_ones.len() > 1 {
                    let names: Vec<String> = named_ones.iter().map(|(one, _)| one.to_string()).collect();
                    assessment.notes.push(format!(
                        "each of these keeps it from being ready: {}",
                        names.join(", ")
                    ));
                }
                for (one, _) in named_ones {
                    assessment.lead(one);
                }
            }
            Some("BuildFailed") => {
                if let Some(name) =
                    quoted_after(ready, "decryption Secret ").filter(|_| ready.contains("not found"))
                {
                    assessment.lead(named("Secret", name, &object));
                }
            }
            Some("ReconciliationFailed" | "PruneFailed") => {
                for lead in self.of_refusal(ready) {
                    assessment.lead(lead);
                }
            }
            Some("Progressing") | None => {
                let healthy = text_of(status.conditions.with_status("Healthy", "False"));
                for (one, _) in objects(healthy) {
                    assessment.lead(one);
                }
                if ready.contains("health checks") {
                    for one in self.owned_by(&object) {
                        assessment.lead(one);
                    }
                }
                if status.conditions.is_empty()
                    && let Some(controller) = self.controller("kustomize-controller")
                {
                    assessment.lead(controller);
                }
            }
            _ => {}
        }
    }

    /// What a refusal of the API server points to: the webhook that does not answer, or what would bring a missing kind.
    fn of_refusal(&self, text: &str) -> Vec<ObjectRef> {
        let mut leads = Vec::new();
        if text.contains("failed calling webhook") {
            leads.extend(self.webhook(text));
        }
        if let Some(kind) = quoted_after(text, "no matches for kind ") {
            let group = quoted_after(text, "in version ").unwrap_or_default();
            let group = group.split_once('/').map_or("", |(group, _)| group);
            leads.extend(self.repository.brings_kind(kind, group));
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
            .or_else(|| in_namespace().find(|object| name.starts_with(&object.name)))
            .cloned()
    }

    /// The HelmReleases and workloads that bear the labels of a Flux object.
    pub(super) fn owned_by(&self, owner: &ObjectRef) -> Vec<ObjectRef> {
        let is_owned = |metadata: &crate::live::Metadata| metadata.flux_owner().as_ref() == Some(owner);
        let releases = self.snapshot.helm_releases.iter();
        let releases = releases
            .filter(|(_, it)| is_owned(&it.metadata))
            .map(|(object, _)| object);
        let workloads = self.snapshot.workloads.iter();
        let workloads = workloads
            .filter(|(_, it)| is_owned(&it.metadata))
            .map(|(object, _)| object);
        let custom = self.snapshot.custom.iter();
        let custom = custom
            .filter(|(_, it)| is_owned(&it.metadata))
            .map(|(object, _)| object);
        releases.chain(workloads).chain(custom).cloned().collect()
    }
}

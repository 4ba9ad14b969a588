//! Deployments, StatefulSets, DaemonSets, Jobs and CronJobs, by the rules of kstatus.
//!
//! <https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/core.go>

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};
use crate::live::{Conditions, Workload};
use crate::message::{named, quoted_after, word_after};

impl Assessor<'_> {
    pub(super) fn workload(&self, object: &ObjectRef, workload: &Workload) -> Assessment {
        let Workload {
            metadata,
            spec,
            status,
        } = workload;
        let mut assessment = Assessment::new(object);
        assessment.running = workload.main_image().map(crate::message::shown);
        if metadata.is_deleting() {
            return assessment.deleting(metadata, "it is being deleted");
        }
        assessment = match object.kind.as_str() {
            "CronJob" if spec.suspend => assessment.with(State::Suspended, "Suspended", "it starts no Jobs"),
            "CronJob" => assessment.with(State::Ready, "", ""),
            "Job" => job(assessment, workload),
            _ if metadata.is_newer_than(status.observed_generation) => assessment.with(
                State::Waiting,
                "Progressing",
                "its spec has changed and is not rolled out yet",
            ),
            "DaemonSet" => {
                let (wanted, ready) = (status.desired_number_scheduled, status.number_ready);
                counted(assessment, wanted, ready, status.updated_number_scheduled)
            }
            _ => {
                let wanted = spec.replicas.unwrap_or(1);
                if wanted == 0 {
                    assessment.note("it is scaled to 0 replicas");
                }
                counted(assessment, wanted, status.ready_replicas, status.updated_replicas)
            }
        };
        if object.kind == "Deployment" {
            assessment = deployment_conditions(assessment, workload);
        }
        if !matches!(assessment.state, State::Ready | State::Suspended) {
            self.pods(&mut assessment);
        }
        assessment
    }

    /// Adds the pods of a workload that is not ready, the worst first, and its own warnings.
    fn pods(&self, assessment: &mut Assessment) {
        let object = assessment.object.clone();
        let pods = self.snapshot.pods_of(&object);
        let mut pods: Vec<Assessment> = pods.map(|(pod, it)| self.pod(pod, it)).collect();
        pods.sort_by(|a, b| b.state.cmp(&a.state).then_with(|| a.object.cmp(&b.object)));
        if pods.iter().any(|pod| pod.state == State::Broken) && assessment.state == State::Waiting {
            assessment.state = State::Broken;
        }
        let is_without_pods = pods.is_empty();
        // The chain ends at a failed Job: its pods may be gone, and its log needs no names of pods.
        if object.kind == "Job" && assessment.state == State::Broken {
            if let Some(pod) = pods.first().filter(|pod| !pod.message.is_empty()) {
                assessment.message =
                    crate::message::shown(&format!("{}; {}", assessment.message, pod.message));
            }
            return;
        }
        assessment.lead_all(pods.into_iter().map(|pod| pod.object));
        let warning = self.warning(
            &object,
            &["FailedCreate", "ReplicaSetCreateError", "FailedUpdate"],
        );
        if let Some(warning) = warning.filter(|_| is_without_pods) {
            *assessment = assessment.clone().by_warning(State::Broken, warning);
        }
        // The condition `ReplicaFailure` has the same reason, and outlives the events.
        if assessment.reason == "FailedCreate" {
            let text = &assessment.message;
            let account = quoted_after(text, "serviceaccount ").filter(|_| text.contains("not found"));
            let account = account.map(|name| named("ServiceAccount", name, &object));
            let quota =
                word_after(text, "exceeded quota: ").map(|name| named("ResourceQuota", name, &object));
            assessment.lacks = account.or(quota);
        }
        if is_without_pods && object.kind == "StatefulSet" {
            let part = format!("-{}-", object.name);
            let claims = self.snapshot.custom.keys().filter(|claim| {
                claim.kind == "PersistentVolumeClaim"
                    && claim.namespace == object.namespace
                    && claim.name.contains(&part)
            });
            assessment.lead_all(claims.cloned());
        }
    }
}

/// The state by the numbers of pods.
fn counted(assessment: Assessment, wanted: i64, ready: i64, updated: i64) -> Assessment {
    if ready >= wanted && updated >= wanted {
        return assessment.with(State::Ready, "", "");
    }
    let text = match ready < wanted {
        true => format!("{ready} of {wanted} ready"),
        false => format!("{updated} of {wanted} updated"),
    };
    assessment.with(State::Waiting, "InProgress", &text)
}

fn deployment_conditions(mut assessment: Assessment, workload: &Workload) -> Assessment {
    if assessment.state == State::Ready {
        return assessment;
    }
    let conditions = workload.status.conditions.as_slice();
    let deadline = conditions.of_type("Progressing");
    let deadline = deadline.filter(|progressing| progressing.reason == "ProgressDeadlineExceeded");
    let unavailable = conditions.with_status("Available", "False");
    if let Some(failure) = conditions.with_status("ReplicaFailure", "True") {
        assessment.by_condition(State::Broken, failure)
    } else if let Some(deadline) = deadline {
        let text = format!("{}, no progress within its deadline", assessment.message);
        assessment
            .with(State::Broken, &deadline.reason, &text)
            .since_text(&unavailable.unwrap_or(deadline).last_transition_time)
    } else if let Some(unavailable) = unavailable {
        assessment.reason = crate::message::shown(&unavailable.reason);
        assessment.since_text(&unavailable.last_transition_time)
    } else {
        assessment
    }
}

fn job(assessment: Assessment, workload: &Workload) -> Assessment {
    let conditions = workload.status.conditions.as_slice();
    let failed = conditions.with_status("Failed", "True");
    let target = conditions.with_status("FailureTarget", "True");
    if let Some(failed) = failed.or(target) {
        return assessment.by_condition(State::Broken, failed);
    }
    if conditions.with_status("Complete", "True").is_some() {
        return assessment.with(State::Ready, "Complete", "");
    }
    if workload.spec.suspend {
        return assessment.with(State::Suspended, "Suspended", "it starts no pods");
    }
    let text = format!(
        "{} running, {} failed",
        workload.status.active, workload.status.failed
    );
    assessment
        .with(State::Waiting, "InProgress", &text)
        .since_text(&workload.metadata.creation_timestamp)
}

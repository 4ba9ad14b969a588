//! Pods: the container that keeps one from being ready, and what it lacks.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};
use crate::live::{Conditions, ContainerStatus, Pod};
use crate::message::{named, quoted_after, word_after};

/// Reasons of a waiting container that end by themselves, as far as the reason alone says.
const PROGRESS: [&str; 3] = ["ContainerCreating", "PodInitializing", ""];
/// Warnings that say why a container is not created.
const MOUNT_WARNINGS: [&str; 4] = [
    "FailedMount",
    "FailedAttachVolume",
    "FailedCreatePodSandBox",
    "FailedMapVolume",
];

impl Assessor<'_> {
    pub(super) fn pod(&self, object: &ObjectRef, pod: &Pod) -> Assessment {
        let status = &pod.status;
        let mut assessment = Assessment::new(object);
        // A pod that was never scheduled has no condition `Ready` yet.
        let of_type = |kind| status.conditions.with_status(kind, "False");
        assessment = assessment.since_text(match of_type("Ready").or(of_type("PodScheduled")) {
            Some(condition) => &condition.last_transition_time,
            None => &pod.metadata.creation_timestamp,
        });
        if pod.metadata.is_deleting() {
            return assessment.is(State::Deleting, "Terminating", "it is being deleted");
        }
        let unscheduled = status.conditions.with_status("PodScheduled", "False");
        // Containers that initialise come first: the others wait for them.
        let containers = || {
            status
                .init_container_statuses
                .iter()
                .chain(&status.container_statuses)
        };
        let worst = containers().find(|container| is_failing(container));
        if let Some(unscheduled) = unscheduled {
            let warning = self.warning(object, &["FailedScheduling"]);
            let text = match unscheduled.message.as_str() {
                "" => warning.map_or("", |warning| &warning.message),
                text => text,
            };
            assessment = assessment.is(State::Broken, &unscheduled.reason, text);
            if text.contains("PersistentVolumeClaim") || text.contains("persistentvolumeclaim") {
                self.claims(&mut assessment, text);
            }
        } else if let Some(container) = worst {
            assessment = self.container(assessment, container);
        } else if let Some(warning) = self.warning(object, &["NodeNotReady"]) {
            assessment = assessment.is(State::Broken, &warning.reason, &warning.message);
        } else if status.phase == "Failed" {
            assessment = assessment.is(State::Broken, &status.reason, &status.message);
        } else if let Some(warning) = self.warning(object, &MOUNT_WARNINGS) {
            assessment = assessment.is(State::Broken, &warning.reason, &warning.message);
            assessment.tries = Some(warning.times());
        } else if let Some(warning) = self.warning(object, &["Unhealthy"]) {
            assessment = assessment.is(State::Broken, &warning.reason, &warning.message);
            assessment.tries = Some(warning.times());
            let container = containers().find(|container| !container.ready);
            assessment.container = container.map(|container| container.name.clone());
        } else {
            let waiting = containers().find_map(|container| container.state.waiting.as_ref());
            let (reason, text) = waiting.map_or(("InProgress", ""), |it| (&it.reason, &it.message));
            let text = if text.is_empty() {
                "its containers are not ready"
            } else {
                text
            };
            assessment = assessment.is(State::Waiting, reason, text);
        }
        self.lacks(&mut assessment);
        assessment
    }

    /// Why a container does not run.
    fn container(&self, assessment: Assessment, container: &ContainerStatus) -> Assessment {
        let mut assessment = assessment;
        let waiting = container.state.waiting.as_ref();
        let reason = waiting.map_or("", |waiting| &waiting.reason);
        let ended = container
            .last_state
            .terminated
            .as_ref()
            .or(container.state.terminated.as_ref());
        assessment.container = Some(container.name.clone());
        match (reason, ended) {
            ("CrashLoopBackOff" | "", Some(ended)) => {
                let reason = if reason.is_empty() {
                    ended.reason.as_str()
                } else {
                    reason
                };
                let text = match ended.reason.as_str() {
                    "OOMKilled" => format!(
                        "container {} was ended for using more memory than its limit",
                        container.name
                    ),
                    why => format!(
                        "container {} ended with exit code {} ({why})",
                        container.name, ended.exit_code
                    ),
                };
                // The kubelet ends a container whose probe fails; the code is then that of the signal.
                let probe = self
                    .warning(&assessment.object, &["Unhealthy"])
                    .filter(|warning| {
                        let ends = |probe: &str| warning.message.starts_with(probe);
                        ended.reason != "OOMKilled" && (ends("Liveness probe") || ends("Startup probe"))
                    });
                let text = match probe {
                    Some(probe) => format!("{text}: {}", probe.message),
                    None => text,
                };
                assessment.tries = Some(container.restart_count).filter(|restarts| *restarts > 0);
                assessment.previous = container.state.terminated.is_none();
                assessment.is(State::Broken, reason, &text)
            }
            _ => {
                let text = waiting.map_or("", |waiting| &waiting.message);
                // `ImagePullBackOff` names the image alone; why it is not pulled is in an event.
                let warning = self.warning(&assessment.object, &["Failed"]);
                let why = warning.filter(|_| reason.contains("Image") && !text.contains("rpc error"));
                let text = match (text, why) {
                    ("", None) => format!("container {} does not start", container.name),
                    ("", Some(why)) => why.message.clone(),
                    (text, Some(why)) if why.message.contains("pull") => format!("{text}; {}", why.message),
                    (text, _) => text.to_owned(),
                };
                assessment.wanted = reason
                    .contains("Image")
                    .then(|| crate::message::shown(&container.image));
                assessment.container = None;
                assessment.is(State::Broken, reason, &text)
            }
        }
    }

    /// The Secret, ConfigMap or SecretProviderClass that a message says is missing, or lacks a key.
    fn lacks(&self, assessment: &mut Assessment) {
        let text = assessment.message.clone();
        let object = assessment.object.clone();
        for (kind, words) in [("Secret", "secret "), ("ConfigMap", "configmap ")] {
            if text.contains("not found")
                && let Some(name) = quoted_after(&text, words)
            {
                assessment.lacks(named(kind, name, &object));
            }
            if let Some(name) = word_after(&text, &format!(" in {kind} ")) {
                assessment.lacks(named(kind, name, &object));
            }
        }
        let is_csi = text.contains("secretproviderclass")
            || text.contains("secrets-store")
            || text.contains("secrets store");
        if is_csi {
            let class = quoted_after(&text, "secretproviderclasses.secrets-store.csi.x-k8s.io ")
                .or_else(|| word_after(&text, "secretproviderclass "))
                .or_else(|| word_after(&text, "SecretProviderClass "));
            match class {
                Some(class) => assessment.lacks(named("SecretProviderClass", class, &object)),
                // Only the repository knows which one the pod mounts.
                None => {
                    let pod = self
                        .snapshot
                        .pods_of
                        .iter()
                        .find(|(_, pods)| pods.contains(&object));
                    let classes = pod.map(|(workload, _)| self.repository.classes_of(workload));
                    for class in classes.into_iter().flatten() {
                        assessment.lacks(class);
                    }
                }
            }
        }
    }

    /// The claims that keep a pod from being scheduled.
    fn claims(&self, assessment: &mut Assessment, text: &str) {
        if let Some(name) = quoted_after(text, "persistentvolumeclaim ") {
            let claim = named("PersistentVolumeClaim", name, &assessment.object);
            assessment.lead(claim);
        }
        let pod = assessment.object.clone();
        let pending = self.snapshot.custom.iter().filter(|(claim, it)| {
            claim.kind == "PersistentVolumeClaim"
                && claim.namespace == pod.namespace
                && it.status.phase != "Bound"
        });
        // A claim of a StatefulSet is called as its pod is.
        let mut pending: Vec<ObjectRef> = pending.map(|(claim, _)| claim.clone()).collect();
        pending.sort_by_key(|claim| !claim.name.ends_with(&pod.name));
        pending.truncate(1);
        for claim in pending {
            assessment.lead(claim);
        }
    }
}

/// Whether a container is what keeps its pod from being ready.
fn is_failing(container: &ContainerStatus) -> bool {
    if container.ready {
        return false;
    }
    match (&container.state.waiting, &container.state.terminated) {
        (Some(waiting), _) => !PROGRESS.contains(&waiting.reason.as_str()),
        (None, Some(ended)) => ended.exit_code != 0,
        (None, None) => false,
    }
}

//! Pods: the container that keeps a pod from being ready, and objects that the pod lacks.

use infra_model::ObjectRef;

use super::{Assessment, Assessor, State};
use crate::live::{Conditions, ContainerStatus, Pod};
use crate::message::{named, non_empty, quoted_after, word_after};

/// Reasons of a waiting container that usually end by themselves.
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
        let unready = status.conditions.with_status("Ready", "False");
        let unscheduled = status.conditions.with_status("PodScheduled", "False");
        assessment = assessment.since_text(match unready.or(unscheduled) {
            Some(condition) => &condition.last_transition_time,
            None => &pod.metadata.creation_timestamp,
        });
        if pod.metadata.is_deleting() {
            return assessment.with(State::Deleting, "Terminating", "it is being deleted");
        }
        // Init containers come first: the others wait for them.
        let containers = || {
            status
                .init_container_statuses
                .iter()
                .chain(&status.container_statuses)
        };
        let worst = containers().find(|container| is_failing(container));
        if let Some(unscheduled) = unscheduled {
            let warning = || self.warning(object, &["FailedScheduling"]);
            let text = non_empty(&unscheduled.message);
            let text = text.unwrap_or_else(|| warning().map_or("", |warning| &warning.message));
            assessment = assessment.with(State::Broken, &unscheduled.reason, text);
            if text.contains("PersistentVolumeClaim") || text.contains("persistentvolumeclaim") {
                self.claims(&mut assessment, text);
            }
        } else if let Some(container) = worst {
            assessment = self.container(assessment, container);
        } else if let Some(warning) = self.warning(object, &["NodeNotReady"]) {
            assessment = assessment.by_warning(State::Broken, warning);
        } else if status.phase == "Failed" {
            assessment = assessment.with(State::Broken, &status.reason, &status.message);
        } else if let Some(warning) = self.warning(object, &MOUNT_WARNINGS) {
            assessment = assessment.by_warning(State::Broken, warning);
            assessment.tries = Some(warning.times());
        } else if let Some(warning) = self.warning(object, &["Unhealthy"]) {
            assessment = assessment.by_warning(State::Broken, warning);
            assessment.tries = Some(warning.times());
            let container = containers().find(|container| !container.ready);
            assessment.container = container.map(|container| container.name.clone());
        } else {
            let waiting = containers().find_map(|container| container.state.waiting.as_ref());
            let (reason, text) = waiting.map_or(("InProgress", ""), |it| (&it.reason, &it.message));
            let text = non_empty(text).unwrap_or("its containers are not ready");
            assessment = assessment.with(State::Waiting, reason, text);
        }
        self.lacks(&mut assessment);
        assessment
    }

    /// Why a container does not run.
    fn container(&self, mut assessment: Assessment, container: &ContainerStatus) -> Assessment {
        let waiting = container.state.waiting.as_ref();
        let reason = waiting.map_or("", |waiting| &waiting.reason);
        let ended = container.last_state.terminated.as_ref();
        let ended = ended.or(container.state.terminated.as_ref());
        assessment.container = Some(container.name.clone());
        match (reason, ended) {
            ("CrashLoopBackOff" | "", Some(ended)) => {
                let (name, code) = (&container.name, ended.exit_code);
                let text = match ended.reason.as_str() {
                    "OOMKilled" => format!("container {name} was ended for using more memory than its limit"),
                    why => format!("container {name} ended with exit code {code} ({why})"),
                };
                // The kubelet ends a container whose probe fails, and the exit code is that of the signal.
                let probe = self.warning(&assessment.object, &["Unhealthy"]);
                let probe = probe.filter(|warning| {
                    let ends = |probe: &str| warning.message.starts_with(probe);
                    ended.reason != "OOMKilled" && (ends("Liveness probe") || ends("Startup probe"))
                });
                let text = match probe {
                    Some(probe) => format!("{text}: {}", probe.message),
                    None => text,
                };
                assessment.tries = Some(container.restart_count).filter(|restarts| *restarts > 0);
                assessment.previous = container.state.terminated.is_none();
                assessment.with(State::Broken, non_empty(reason).unwrap_or(&ended.reason), &text)
            }
            _ => {
                let text = waiting.map_or("", |waiting| &waiting.message);
                // `ImagePullBackOff` names only the image; an event says why it is not pulled.
                let warning = self.warning(&assessment.object, &["Failed"]);
                let why = warning.filter(|_| reason.contains("Image") && !text.contains("rpc error"));
                let text = match (text, why) {
                    ("", None) => format!("container {} does not start", container.name),
                    ("", Some(why)) => why.message.clone(),
                    (text, Some(why)) if why.message.contains("pull") => format!("{text}; {}", why.message),
                    (text, _) => text.to_owned(),
                };
                let is_image = reason.contains("Image");
                assessment.wanted = is_image.then(|| crate::message::shown(&container.image));
                assessment.container = None;
                assessment.with(State::Broken, reason, &text)
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
                    let mut workloads = self.snapshot.pods_of.iter();
                    let pod = workloads.find(|(_, pods)| pods.contains(&object));
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
        let pod = assessment.object.clone();
        let claim = quoted_after(text, "persistentvolumeclaim ");
        assessment.lead_all(claim.map(|name| named("PersistentVolumeClaim", name, &pod)));
        let pending = self.snapshot.custom.iter().filter(|(claim, it)| {
            claim.kind == "PersistentVolumeClaim"
                && claim.namespace == pod.namespace
                && it.status.phase != "Bound"
        });
        // The name of a claim of a StatefulSet ends with that of the pod.
        let pending = pending.map(|(claim, _)| claim);
        let likeliest = pending.min_by_key(|claim| !claim.name.ends_with(pod.name.as_str()));
        assessment.lead_all(likeliest.cloned());
    }
}

/// Whether a container keeps its pod from being ready.
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

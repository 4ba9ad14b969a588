//! Commands that show more about a cause. They change nothing.

use infra_model::ObjectRef;
use plain_text::Command;

use crate::assess::{Assessment, State};
use crate::walk::Chain;

/// Most commands of an answer.
pub(crate) const MOST_STEPS: usize = 2;

/// The commands for a cause, the most useful first.
pub(crate) fn steps(chain: &Chain) -> Vec<String> {
    let Some(root) = chain.root() else {
        return Vec::new();
    };
    if root.state == State::Missing {
        return missing(root);
    }
    let mut steps: Vec<Option<String>> = Vec::new();
    // The pods of a hook's Job may be gone, so that the log is requested by the Job.
    if matches!(root.object.kind.as_str(), "Job" | "Pod") {
        let job = chain.links.iter().rev().find(|link| link.object.kind == "Job");
        steps.extend(job.map(|job| log_of_job(&job.object)));
    }
    match root.object.kind.as_str() {
        "Pod" => {
            steps.push(log_of_pod(root).filter(|_| steps.is_empty()));
            steps.push(describe("pod", &root.object));
        }
        "Job" => steps.push(describe("job", &root.object)),
        "Kustomization" => {
            steps.extend([get("flux get kustomization", &root.object), events(&root.object)]);
        }
        "HelmRelease" => steps.extend([get("flux get helmrelease", &root.object), events(&root.object)]),
        "GitRepository" => steps.push(get("flux get source git", &root.object)),
        "OCIRepository" => steps.push(get("flux get source oci", &root.object)),
        "HelmRepository" => steps.push(get("flux get source helm", &root.object)),
        "HelmChart" => steps.push(get("flux get source chart", &root.object)),
        "Bucket" => steps.push(get("flux get source bucket", &root.object)),
        // `kubectl describe` of a Secret shows only the sizes of its values.
        kind => {
            steps.push(describe(&kind.to_lowercase(), &root.object));
            let maker = root.leads.iter().find(|lead| lead.kind == "ExternalSecret");
            steps.push(maker.and_then(|maker| describe("externalsecret", maker)));
            if matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet") {
                steps.push(namespace_events(&root.object));
            }
        }
    }
    steps.into_iter().flatten().take(MOST_STEPS).collect()
}

/// A missing object cannot be described, but its maker can.
fn missing(root: &Assessment) -> Vec<String> {
    let words = [
        ("ExternalSecret", "kubectl describe externalsecret"),
        ("HelmRelease", "flux get helmrelease"),
        ("Kustomization", "flux tree kustomization"),
    ];
    let maker = words.into_iter().find_map(|(kind, words)| {
        let maker = root.leads.iter().find(|lead| lead.kind == kind)?;
        Some(get(words, maker))
    });
    let steps = maker.flatten().into_iter().chain(namespace_events(&root.object));
    steps.take(MOST_STEPS).collect()
}

fn log_of_job(job: &ObjectRef) -> Option<String> {
    let command = Command::new("kubectl logs")
        .prefixed("job/", &job.name)
        .namespace(&job.namespace);
    command.literal("--all-containers --tail=100").finish()
}

/// The log of a pod's container, if one has run.
fn log_of_pod(pod: &Assessment) -> Option<String> {
    let container = pod.container.as_deref()?;
    let command = Command::new("kubectl logs")
        .name(&pod.object.name)
        .namespace(&pod.object.namespace);
    let command = command.literal("-c").name(container);
    let command = match pod.previous {
        true => command.literal("--previous"),
        false => command,
    };
    command.literal("--tail=100").finish()
}

fn describe(kind: &str, object: &ObjectRef) -> Option<String> {
    Command::new("kubectl describe")
        .name(kind)
        .name(&object.name)
        .namespace(&object.namespace)
        .finish()
}

pub(crate) fn get(words: &'static str, object: &ObjectRef) -> Option<String> {
    Command::new(words)
        .name(&object.name)
        .namespace(&object.namespace)
        .finish()
}

fn events(object: &ObjectRef) -> Option<String> {
    Command::new("flux events --for")
        .text(&format!("{}/{}", object.kind, object.name))
        .namespace(&object.namespace)
        .finish()
}

fn namespace_events(object: &ObjectRef) -> Option<String> {
    Command::new("kubectl get events")
        .namespace(&object.namespace)
        .literal("--sort-by=.lastTimestamp")
        .finish()
}

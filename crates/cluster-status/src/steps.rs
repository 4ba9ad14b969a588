//! Commands that show more of a cause. They read and change nothing.

use infra_model::ObjectRef;
use plain_text::Command;

use crate::assess::{Assessment, State};
use crate::walk::Chain;

/// Most commands of an answer.
pub(crate) const MOST_STEPS: usize = 2;

/// The commands for a cause, the most telling first.
pub(crate) fn steps(chain: &Chain) -> Vec<String> {
    let mut steps: Vec<Option<String>> = Vec::new();
    let Some(root) = chain.root() else {
        return Vec::new();
    };
    let job = chain.links.iter().rev().find(|link| link.object.kind == "Job");
    match job {
        // A hook's Job outlives its pods' names, so that its log is asked for by the Job.
        Some(job) if matches!(root.object.kind.as_str(), "Job" | "Pod") => {
            steps.push(log_of_job(&job.object))
        }
        _ => {}
    }
    if root.state == State::Missing {
        return missing(root);
    }
    match root.object.kind.as_str() {
        "Pod" => {
            steps.push(log_of_pod(root).filter(|_| steps.is_empty()));
            steps.push(describe("pod", &root.object));
        }
        "Job" => steps.push(describe("job", &root.object)),
        "Kustomization" => {
            steps.push(get("flux get kustomization", &root.object));
            steps.push(events(&root.object));
        }
        "HelmRelease" => {
            steps.push(get("flux get helmrelease", &root.object));
            steps.push(events(&root.object));
        }
        "GitRepository" => steps.push(get("flux get source git", &root.object)),
        "OCIRepository" => steps.push(get("flux get source oci", &root.object)),
        "HelmRepository" => steps.push(get("flux get source helm", &root.object)),
        "HelmChart" => steps.push(get("flux get source chart", &root.object)),
        "Bucket" => steps.push(get("flux get source bucket", &root.object)),
        // To describe a Secret shows the sizes of its values only.
        kind => {
            let kind = kind.to_lowercase();
            steps.push(describe(&kind, &root.object));
            let maker = root.leads.iter().find(|lead| lead.kind == "ExternalSecret");
            steps.push(maker.and_then(|maker| describe("externalsecret", maker)));
        }
    }
    if matches!(
        root.object.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet"
    ) {
        steps.push(namespace_events(&root.object));
    }
    steps.into_iter().flatten().take(MOST_STEPS).collect()
}

/// What is not there cannot be described, but who should have made it can.
fn missing(root: &Assessment) -> Vec<String> {
    let maker = |kind: &str| root.leads.iter().find(|lead| lead.kind == kind);
    let made_by = match (
        maker("ExternalSecret"),
        maker("HelmRelease"),
        maker("Kustomization"),
    ) {
        (Some(external), _, _) => describe("externalsecret", external),
        (_, Some(release), _) => get("flux get helmrelease", release),
        (_, _, Some(kustomization)) => get("flux tree kustomization", kustomization),
        _ => None,
    };
    made_by
        .into_iter()
        .chain(namespace_events(&root.object))
        .take(MOST_STEPS)
        .collect()
}

fn log_of_job(job: &ObjectRef) -> Option<String> {
    let command = Command::new("kubectl logs")
        .prefixed("job/", &job.name)
        .namespace(&job.namespace);
    command.literal("--all-containers --tail=100").finish()
}

/// The log of a pod's container, where one has run.
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

fn get(words: &'static str, object: &ObjectRef) -> Option<String> {
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

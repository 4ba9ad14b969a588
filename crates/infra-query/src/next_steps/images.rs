//! Commands that set the tag of an image, and that show which images run.

use super::flux::status_of_helm_release;
use super::step::{Language, Step, each_once, shell};
use crate::Facts;
use crate::graph::links::release_of;
use infra_model::service::Service;
use plain_text::Command;

/// The given commands that set tags, and commands that show the images of services in the cluster; for a service of a
/// chart that is not available, the status of its HelmRelease.
pub fn for_images<'a>(
    facts: &dyn Facts,
    set_tags: impl IntoIterator<Item = String>,
    services: impl IntoIterator<Item = &'a str>,
) -> Vec<Step> {
    let set = set_tags.into_iter().map(|command| Step {
        purpose: "sets the tag",
        command,
        language: Language::Shell,
    });
    let running = services
        .into_iter()
        .filter_map(|key| facts.services().get(key))
        .filter_map(|service| running(facts, service));
    each_once(set.chain(running))
}

/// The command that shows the images of a service in the cluster.
fn running(facts: &dyn Facts, service: &Service) -> Option<Step> {
    let Some(workload) = &service.workload else {
        let (_, release) = release_of(facts, service)?;
        return status_of_helm_release(release);
    };
    // Only for these kinds does kubectl's wide output have the images.
    let resource = match workload.kind.as_str() {
        kind @ ("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob") => {
            kind.to_lowercase()
        }
        _ => return None,
    };
    let command = Command::new("kubectl get").name(&resource).name(&workload.name);
    shell(
        "the images that run",
        command.namespace(&service.namespace).literal("-o wide"),
    )
}

//! What decides images turns into commands that set a tag, and that show which images run.

use super::flux::status_of_helm_release;
use super::service::release_of;
use super::{Language, Step, each_once, shell};
use crate::Facts;
use crate::image::GroupOf;
use infra_model::service::Service;
use plain_text::Command;

/// What sets the tags of groups, and the images that run in the cluster. Where a chart decides, its HelmRelease.
pub fn for_images(facts: &dyn Facts, groups: &[GroupOf<'_>], services: &[&str]) -> Vec<Step> {
    let set = groups.iter().filter_map(|group| {
        Some(Step {
            purpose: "sets the tag",
            command: group.command.clone()?,
            language: Language::Shell,
        })
    });
    let of_groups = groups.iter().flat_map(|group| &group.group.services);
    let keys = services.iter().copied().chain(of_groups.map(String::as_str));
    let running = keys
        .filter_map(|key| facts.services().get(key))
        .filter_map(|service| running(facts, service));
    each_once(set.chain(running))
}

/// What shows the images of a service in the cluster.
fn running(facts: &dyn Facts, service: &Service) -> Option<Step> {
    let Some(workload) = &service.workload else {
        let (_, release) = release_of(facts, service)?;
        return status_of_helm_release(release);
    };
    // Only of these does kubectl's wide form tell the images.
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

//! The PersistentVolumeClaims of pods, and their volumes of the node and of other machines.

use std::collections::BTreeSet;

use infra_model::pods::{PodVolume, VolumeClaim};

use crate::inventory::{Inventory, Object};
use crate::pod_spec::PodTemplate;
use crate::view::View;

/// The claims that a workload's pods mount, and those that a StatefulSet makes for each pod.
pub(crate) fn of(
    inventory: &Inventory<'_>,
    workload: &Object<'_>,
    pods: PodTemplate<'_>,
) -> Vec<VolumeClaim> {
    let mut claims = Vec::new();
    let templates = inventory.view(workload).at(&["spec", "volumeClaimTemplates"]);
    for template in templates.into_iter().flat_map(View::items) {
        if let Some(name) = template.text_at(&["metadata", "name"]) {
            claims.push(VolumeClaim {
                name: name.to_owned(),
                template: true,
                mount_paths: mount_paths(pods, name),
                ..stated(template)
            });
        }
    }
    for volume in pods.volumes() {
        let Some(name) = volume.text_at(&["persistentVolumeClaim", "claimName"]) else {
            continue;
        };
        let object = inventory.find("", "PersistentVolumeClaim", workload.namespace, name);
        claims.push(VolumeClaim {
            name: name.to_owned(),
            mount_paths: mount_paths(pods, volume.text_of("name").unwrap_or_default()),
            ..object
                .map(|object| stated(inventory.view(object)))
                .unwrap_or_default()
        });
    }
    claims
}

/// The volumes that are a folder of the node or of another machine.
pub(crate) fn other_volumes(inventory: &Inventory<'_>, pods: PodTemplate<'_>) -> Vec<PodVolume> {
    const MOST: usize = 12;
    let stated = pods.volumes().filter_map(|volume| {
        let text = |path: &[&str]| volume.at(path).filter(|view| view.text().is_some());
        let host = text(&["hostPath", "path"]);
        let (what, view) = match (host, text(&["nfs", "path"])) {
            (Some(path), _) => (format!("hostPath {}", path.text()?), path),
            (None, Some(path)) => {
                let server = volume.text_at(&["nfs", "server"]).unwrap_or_default();
                (format!("nfs {server}:{}", path.text()?), path)
            }
            (None, None) => return None,
        };
        Some(PodVolume {
            what: redaction::without_credentials(&what).into_owned(),
            mount_paths: mount_paths(pods, volume.text_of("name").unwrap_or_default()),
            source: inventory.place(view.mark()),
        })
    });
    stated.take(MOST).collect()
}

fn stated(claim: View<'_>) -> VolumeClaim {
    VolumeClaim {
        size: claim
            .text_at(&["spec", "resources", "requests", "storage"])
            .map(str::to_owned),
        storage_class: claim.text_at(&["spec", "storageClassName"]).map(str::to_owned),
        ..VolumeClaim::default()
    }
}

/// Where the containers mount a volume, each path once.
fn mount_paths(pods: PodTemplate<'_>, volume: &str) -> Vec<String> {
    let mounts = pods
        .containers()
        .filter_map(|container| container.view.get("volumeMounts"));
    let paths: BTreeSet<String> = mounts
        .flat_map(View::items)
        .filter(|mount| mount.text_of("name") == Some(volume))
        .filter_map(|mount| mount.text_of("mountPath").map(str::to_owned))
        .collect();
    paths.into_iter().collect()
}

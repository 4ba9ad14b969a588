//! PersistentVolumeClaims of pods, and their hostPath and NFS volumes.

use infra_model::pods::{PodVolume, VolumeClaim};

use crate::distinct::distinct;
use crate::inventory::{Inventory, Object};
use crate::pod_spec::PodTemplate;
use crate::view::View;

/// The claims that a workload's pods mount, and those that a StatefulSet makes for each pod.
pub(crate) fn claims(
    inventory: &Inventory<'_>,
    workload: &Object<'_>,
    pods: PodTemplate<'_>,
) -> Vec<VolumeClaim> {
    let mut claims = Vec::new();
    for template in inventory
        .view(workload)
        .items_at(&["spec", "volumeClaimTemplates"])
    {
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
        if let Some(name) = volume.text_at(&["persistentVolumeClaim", "claimName"]) {
            let object = inventory.find("", "PersistentVolumeClaim", workload.namespace, name);
            let claim = object.map(|object| stated(inventory.view(object)));
            claims.push(VolumeClaim {
                name: name.to_owned(),
                mount_paths: mount_paths(pods, volume.text_of("name").unwrap_or_default()),
                ..claim.unwrap_or_default()
            });
        }
    }
    claims
}

/// The hostPath and NFS volumes of pods.
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

/// The paths under which containers mount a volume, each once.
fn mount_paths(pods: PodTemplate<'_>, volume: &str) -> Vec<String> {
    let containers = pods.containers();
    let mounts = containers.flat_map(|container| container.view.items_of("volumeMounts"));
    let own = mounts.filter(|mount| mount.text_of("name") == Some(volume));
    distinct(own.filter_map(|mount| mount.text_of("mountPath").map(str::to_owned)))
}

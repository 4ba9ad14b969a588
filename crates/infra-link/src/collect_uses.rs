//! Uses of ConfigMaps, Secrets and their like by pods, HelmReleases, Kustomizations and other objects.

use std::collections::BTreeSet;

use flux_evaluate::flux::KubeConfig;

use crate::helm_uses;
use crate::inventory::{Inventory, Object};
use crate::keys::{GeneratedNames, ObjectKeys};
use crate::kinds::helm_release::Release;
use crate::producers::Producers;
use crate::references;
use crate::service_candidates::ServiceCandidate;
use crate::uses::{self, Certainty, Collector, Use, Used, User};

/// Uses of pods, releases, Kustomizations and other objects.
pub(crate) fn all_uses<'a>(
    inventory: &'a Inventory<'a>,
    object_keys: &ObjectKeys<'_>,
    candidates: &[ServiceCandidate<'a>],
    releases: &[Release<'a>],
    producers: &Producers,
    generated: &GeneratedNames<'a>,
) -> Vec<Use> {
    let (mut uses, of_objects) = rayon::join(
        || service_uses(inventory, object_keys, candidates, releases, producers, generated),
        || {
            let mut uses = Vec::new();
            let key_of = |object: &Object<'a>| object_keys.kind_key(object);
            kustomization_uses(inventory, &mut uses);
            uses::object_uses(inventory, &key_of, &mut uses);
            references::references(inventory, producers, generated, &key_of, &mut uses);
            uses
        },
    );
    uses.extend(of_objects);
    uses
}

/// Uses of pods and releases.
fn service_uses<'a>(
    inventory: &Inventory<'a>,
    object_keys: &ObjectKeys<'_>,
    candidates: &[ServiceCandidate<'a>],
    releases: &[Release<'a>],
    producers: &Producers,
    generated: &GeneratedNames<'a>,
) -> Vec<Use> {
    let mut uses = Vec::new();
    for candidate in candidates {
        if let Some(pods) = candidate.pods {
            let mut collector = Collector {
                uses: &mut uses,
                user: User::Service(candidate.key.clone()),
                namespace: candidate.namespace.to_owned(),
                certainty: Certainty::Stated,
            };
            collector.add_pod(pods);
        }
        let release = candidate.release.and_then(|release| releases.get(release));
        if let Some(release) = release.filter(|release| !is_of_another_cluster(inventory, release)) {
            release_uses(release, object_keys, &mut uses);
        }
        // Names in the values of a rendered chart are used by the pods that it makes, if at all.
        if let Some(release) = candidate.unrendered_release(releases) {
            let names = Names {
                producers,
                generated,
                release,
            };
            let (values, namespace) = (&release.values.node, release.namespace.as_str());
            helm_uses::values_uses(values, &candidate.key, namespace, &names, &mut uses);
        }
    }
    let with_service: BTreeSet<usize> = candidates
        .iter()
        .filter_map(|candidate| candidate.release)
        .collect();
    for (at, release) in releases.iter().enumerate() {
        if !with_service.contains(&at) && !is_of_another_cluster(inventory, release) {
            release_uses(release, object_keys, &mut uses);
        }
    }
    uses
}

/// Adds the uses of Kustomizations themselves.
fn kustomization_uses<'a>(inventory: &'a Inventory<'a>, uses: &mut Vec<Use>) {
    // Kustomizations that apply to a remote cluster are objects of another cluster.
    if inventory.evaluation.is_remote {
        return;
    }
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let (Some(key), Some(id), Some(kustomization)) =
            (&owner.key, &evaluated.id, &evaluated.kustomization)
        else {
            continue;
        };
        let mut collector = Collector {
            uses: &mut *uses,
            user: User::Object(format!("Kustomization/{key}")),
            namespace: id.namespace.to_string(),
            certainty: Certainty::Stated,
        };
        for reference in evaluated.substitute_from() {
            if let Some(used) = Used::of_data(&reference.kind) {
                let added = collector.add_name(used, &reference.name, reference.name_mark, "substituteFrom");
                added.optional = reference.optional;
            }
        }
        let decryption = kustomization.decryption.as_ref();
        if let Some(secret) = decryption.and_then(|decryption| decryption.secret.as_ref()) {
            collector.add_name(Used::Secret, &secret.name, secret.mark, "decryption");
        }
        add_kube_config(&mut collector, kustomization.kube_config.as_ref());
    }
}

/// Adds the uses of `spec.kubeConfig` of a Kustomization or HelmRelease.
fn add_kube_config(collector: &mut Collector<'_>, config: Option<&KubeConfig>) {
    let Some(config) = config else { return };
    for (reference, used) in [
        (&config.secret, Used::Secret),
        (&config.config_map, Used::ConfigMap),
    ] {
        if let Some(reference) = reference {
            collector.add_name(used, &reference.name, reference.mark, "kubeConfig");
        }
    }
}

/// Whether a HelmRelease only installs here: it is an object of the cluster whose controller installs it.
fn is_of_another_cluster(inventory: &Inventory<'_>, release: &Release<'_>) -> bool {
    let owner = inventory.owners.get(release.object.owner);
    let of_owner = owner.and_then(|owner| owner.evaluated.kustomization.as_ref());
    let is_remote = of_owner.is_some_and(|kustomization| kustomization.kube_config.is_some());
    inventory.evaluation.is_remote && release.spec.kube_config.is_some() && !is_remote
}

/// Adds the uses of a HelmRelease itself.
fn release_uses(release: &Release<'_>, object_keys: &ObjectKeys<'_>, uses: &mut Vec<Use>) {
    let mut collector = Collector {
        uses,
        user: User::Object(object_keys.kind_key(release.object)),
        namespace: release.object.namespace.to_owned(),
        certainty: Certainty::Stated,
    };
    for reference in &release.spec.values_from {
        if let Some(used) = Used::of_data(&reference.kind) {
            let added = collector.add_name(used, &reference.name, reference.name_mark, "valuesFrom");
            added.optional = reference.optional;
            added.key = Some(reference.key().to_owned());
            added.target_path.clone_from(&reference.target_path);
        }
    }
    add_kube_config(&mut collector, release.spec.kube_config.as_ref());
}

/// Resolves names in the values of a release.
struct Names<'n, 'a> {
    producers: &'n Producers,
    generated: &'n GeneratedNames<'a>,
    release: &'n Release<'a>,
}

impl helm_uses::Names for Names<'_, '_> {
    fn untemplated(&self, text: &str) -> Option<String> {
        self.release.untemplated(text)
    }

    fn is_made(&self, used: Used, name: &str) -> bool {
        let namespace = self.release.namespace.as_str();
        let catalogued = self.generated.catalogued(used, namespace, name);
        self.producers.made_by(used, namespace, catalogued).is_some()
            // No generated object has its name without the hash suffix.
            && self.generated.rendered(used, namespace, name).is_none()
    }
}

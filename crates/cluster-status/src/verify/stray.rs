//! Objects of the cluster that the repository does not state.

use std::collections::BTreeSet;

use infra_model::ObjectRef;
use infra_model::flux::ChartStatus;
use infra_query::Subject;

use super::{Comparison, StrayObject};
use crate::live::Metadata;
use crate::snapshot::metadata_of;

/// Namespaces of Kubernetes itself, where distributions install components.
const SYSTEM_NAMESPACES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];
/// Kinds of sources that controllers make for other objects.
const GENERATED: [&str; 2] = ["HelmChart", "ExternalArtifact"];
/// Kinds in catalogs other than Flux' own, workloads, ConfigMaps and Secrets.
const CATALOGUED: [&str; 8] = [
    "ExternalSecret",
    "SecretStore",
    "ClusterSecretStore",
    "SecretProviderClass",
    "SealedSecret",
    "VaultStaticSecret",
    "VaultDynamicSecret",
    "VaultPKISecret",
];

impl Comparison<'_> {
    /// The objects that only the cluster has, sorted.
    pub(super) fn strays(&self) -> Vec<StrayObject> {
        let snapshot = self.snapshot;
        let custom =
            metadata_of(&snapshot.custom).filter(|(object, _)| CATALOGUED.contains(&object.kind.as_str()));
        let all = metadata_of(&snapshot.kustomizations)
            .chain(metadata_of(&snapshot.helm_releases))
            .chain(metadata_of(&snapshot.sources))
            .chain(metadata_of(&snapshot.workloads))
            .chain(metadata_of(&snapshot.config_maps))
            .chain(metadata_of(&snapshot.secrets))
            .chain(custom);
        let stated = self.repository.objects();
        let used: BTreeSet<&str> = stated.map(|(object, _)| object.namespace.as_str()).collect();
        let mut strays: Vec<StrayObject> = all
            .filter_map(|(object, metadata)| self.stray(object, metadata, &used))
            .collect();
        strays.sort_by(|a, b| (!a.counts, &a.object).cmp(&(!b.counts, &b.object)));
        strays
    }

    fn stray(&self, object: &ObjectRef, metadata: &Metadata, used: &BTreeSet<&str>) -> Option<StrayObject> {
        let is_made = GENERATED.contains(&object.kind.as_str())
            || !metadata.owner_references.is_empty()
            || metadata.annotations.get("helm.sh/hook").is_some()
            || metadata.is_deleting();
        if is_made || !self.repository.subjects(object).is_empty() {
            return None;
        }
        let stray = |owner: Option<ObjectRef>, why: String, counts: bool| {
            Some(StrayObject {
                object: object.clone(),
                owner,
                why,
                counts,
            })
        };
        if let Some(owner) = metadata.flux_owner() {
            if !self.is_whole(&owner) {
                return None;
            }
            let why = match self.repository.subjects(&owner).is_empty() {
                true => format!("{owner} has applied it, and is not in the repository either"),
                false => format!("{owner} has applied it, and does not state it any more"),
            };
            return stray(Some(owner), why, true);
        }
        let is_flux = self.snapshot.kustomizations.contains_key(object)
            || self.snapshot.helm_releases.contains_key(object)
            || self.snapshot.sources.contains_key(object);
        if is_flux {
            return stray(None, "it was created by hand".to_owned(), true);
        }
        if !self.snapshot.workloads.contains_key(object) {
            return None;
        }
        let namespace = object.namespace.as_str();
        let counts = used.contains(namespace) && !SYSTEM_NAMESPACES.contains(&namespace);
        let why = match metadata.annotations.get("meta.helm.sh/release-name") {
            Some(release) => {
                crate::message::shown(&format!("the Helm release {release} is not managed by Flux"))
            }
            None => "no Kustomization or HelmRelease owns it".to_owned(),
        };
        stray(None, why, counts)
    }

    /// Whether the repository knows everything that a Flux object applies. An object that is gone applies nothing.
    fn is_whole(&self, owner: &ObjectRef) -> bool {
        // The objects of other controllers are not known.
        if !matches!(owner.kind.as_str(), "Kustomization" | "HelmRelease") {
            return false;
        }
        self.repository
            .subjects(owner)
            .iter()
            .all(|subject| match subject {
                Subject::Kustomization(_, it) => {
                    it.error.is_none()
                        && !it.partial
                        && it.unknown_variables.is_empty()
                        && it.kube_config.is_none()
                }
                Subject::HelmRelease(_, it) => it.chart_status == Some(ChartStatus::Rendered) && !it.partial,
                _ => true,
            })
    }
}

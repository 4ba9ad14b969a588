//! Objects of the cluster that the repository does not state.

use std::collections::BTreeSet;

use infra_model::ObjectRef;
use infra_model::flux::ChartStatus;
use infra_query::Subject;

use super::{Comparison, StrayObject};
use crate::live::Metadata;

/// Namespaces of Kubernetes itself, where distributions put what they like.
const OF_KUBERNETES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];
/// Kinds of sources that controllers make for others.
const MADE: [&str; 2] = ["HelmChart", "ExternalArtifact"];
/// Of other kinds than Flux' own, workloads, ConfigMaps and Secrets, those that catalogs have.
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
    /// What is in the cluster alone, sorted.
    pub(super) fn strays(&self) -> Vec<StrayObject> {
        let snapshot = self.snapshot;
        let flux = snapshot
            .kustomizations
            .iter()
            .map(|(object, it)| (object, &it.metadata));
        let releases = snapshot
            .helm_releases
            .iter()
            .map(|(object, it)| (object, &it.metadata));
        let sources = snapshot.sources.iter().map(|(object, it)| (object, &it.metadata));
        let workloads = snapshot
            .workloads
            .iter()
            .map(|(object, it)| (object, &it.metadata));
        let maps = snapshot
            .config_maps
            .iter()
            .map(|(object, it)| (object, &it.metadata));
        let secrets = snapshot.secrets.iter().map(|(object, it)| (object, &it.metadata));
        let is_catalogued = |object: &ObjectRef| CATALOGUED.contains(&object.kind.as_str());
        let custom = snapshot.custom.iter().filter(|(object, _)| is_catalogued(object));
        let custom = custom.map(|(object, it)| (object, &it.metadata));
        let all = flux
            .chain(releases)
            .chain(sources)
            .chain(workloads)
            .chain(maps)
            .chain(secrets)
            .chain(custom);
        let used: BTreeSet<&str> = self
            .repository
            .objects()
            .map(|(object, _)| object.namespace.as_str())
            .collect();
        let mut strays: Vec<StrayObject> = all
            .filter_map(|(object, metadata)| self.stray(object, metadata, &used))
            .collect();
        strays.sort_by(|a, b| (!a.counts, &a.object).cmp(&(!b.counts, &b.object)));
        strays
    }

    fn stray(&self, object: &ObjectRef, metadata: &Metadata, used: &BTreeSet<&str>) -> Option<StrayObject> {
        let is_made = MADE.contains(&object.kind.as_str())
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
            return stray(None, "somebody made it by hand".to_owned(), true);
        }
        if !self.snapshot.workloads.contains_key(object) {
            return None;
        }
        let namespace = object.namespace.as_str();
        let counts = used.contains(namespace) && !OF_KUBERNETES.contains(&namespace);
        let why = match metadata.annotations.get("meta.helm.sh/release-name") {
            Some(release) => crate::message::shown(&format!("the Helm release {release} is none of Flux'")),
            None => "no Kustomization or HelmRelease owns it".to_owned(),
        };
        stray(None, why, counts)
    }

    /// Whether the repository knows everything that a Flux object applies. One that is gone applies nothing.
    fn is_whole(&self, owner: &ObjectRef) -> bool {
        // What other controllers make is not followed.
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

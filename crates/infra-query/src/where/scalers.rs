//! Objects that change the number of replicas.

use infra_model::flux::HelmRelease;
use infra_model::service::Service;

use super::fact::{Told, fact, last};
use crate::Facts;
use crate::facts::entries;
use crate::object::value;

/// The autoscalers of a HelmRelease whose chart is not available.
pub(super) fn scalers(facts: &dyn Facts, service: &Service, release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 4;
    const ASKED: &str =
        "minReplicaCount maxReplicaCount minReplicas maxReplicas start end timezone desiredReplicas";
    let mut found = Vec::new();
    // The names of the chart's workloads are not known: an autoscaler with another target may belong to any service of
    // the Kustomization.
    let owner = service.kustomization.as_deref().unwrap_or_default();
    let of_same = entries(facts.services(), &[owner]).filter(|(_, other)| {
        other.kustomization == service.kustomization && other.namespace == service.namespace
    });
    let is_alone = of_same.take(2).count() == 1;
    for (_, object) in entries(facts.objects(), &["ScaledObject", "HorizontalPodAutoscaler"]) {
        let is_scaler = matches!(object.kind.as_str(), "ScaledObject" | "HorizontalPodAutoscaler");
        let is_beside = is_alone
            && object.kustomization.as_deref() == service.kustomization.as_deref()
            && object.namespace == service.namespace;
        let target = value(object, "spec.scaleTargetRef.name").unwrap_or_default();
        let is_own = object.namespace == service.namespace
            && (target == release.name || target == release.release_name)
            || target.starts_with(&format!("{}-", release.release_name));
        if !is_scaler || !is_beside && !is_own || found.len() >= MOST {
            continue;
        }
        let fields = object
            .fields
            .iter()
            .map(|(path, field)| (last(path), &field.value));
        let fields = fields.filter(|(key, _)| ASKED.split(' ').any(|asked| asked == *key));
        let fields: Vec<String> = fields.map(|(key, value)| format!("{key} {value}")).collect();
        let fields = fields.join(", ");
        let text = format!("{}/{} of {target}: {fields}", object.kind, object.name);
        found.push(fact("scaled by", text, object.source.clone()));
    }
    found
}

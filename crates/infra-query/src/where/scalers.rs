//! What changes the number of replicas.

use infra_model::flux::HelmRelease;
use infra_model::service::Service;

use super::told::{last, told};
use crate::Facts;
use crate::facts::entries;
use crate::r#where::Told;

/// What scales a release whose chart is not at hand.
pub(super) fn scalers(facts: &dyn Facts, service: &Service, release: &HelmRelease) -> Vec<Told> {
    const MOST: usize = 4;
    const ASKED: [&str; 8] = [
        "minReplicaCount",
        "maxReplicaCount",
        "minReplicas",
        "maxReplicas",
        "start",
        "end",
        "timezone",
        "desiredReplicas",
    ];
    let mut found = Vec::new();
    // What a chart calls its workloads is not known here; of a Kustomization with several services it may be another's.
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
        let target = object.fields.get("spec.scaleTargetRef.name");
        let target = target.map_or("", |field| field.value.as_str());
        let is_own = object.namespace == service.namespace
            && (target == release.name || target == release.release_name)
            || target.starts_with(&format!("{}-", release.release_name));
        if !is_scaler || !is_beside && !is_own || found.len() >= MOST {
            continue;
        }
        let fields = object
            .fields
            .iter()
            .filter(|(path, _)| ASKED.contains(&last(path)));
        let fields: Vec<String> = fields
            .map(|(path, field)| format!("{} {}", last(path), field.value))
            .collect();
        let text = format!(
            "{}/{} of {target}: {}",
            object.kind,
            object.name,
            fields.join(", ")
        );
        found.push(told("scaled by", text, object.source.clone()));
    }
    found
}

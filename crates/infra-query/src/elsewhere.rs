//! Names that only another cluster of the repository knows.

use infra_model::{NotApplied, NotAppliedReason, Place};

use crate::find::{Hit, Matched, find};
use crate::{Facts, Subject, WhyNot};

/// What a term means in another cluster, each with that cluster as the reason why this one has it not. Parts of names and values
/// are no reason.
pub fn elsewhere(cluster: &str, facts: &dyn Facts, term: &str) -> Vec<WhyNot> {
    let hits = find(facts, term).unwrap_or_default();
    // An image is known with the services that run it.
    let is_meant =
        |hit: &Hit<'_>| hit.matched < Matched::Field && !matches!(hit.subject, Subject::ImageGroup(..));
    let hits: Vec<Hit<'_>> = hits.into_iter().filter(is_meant).collect();
    // A HelmRelease is a service, too.
    let mut places: Vec<&Place> = Vec::new();
    let hits = hits.iter().filter(|hit| match hit.subject.place() {
        Some(place) if matches!(hit.subject, Subject::HelmRelease(..)) => !places.contains(&place),
        place => {
            places.extend(place);
            true
        }
    });
    hits.map(|hit| WhyNot {
        entry: NotApplied {
            kind: hit.subject.kind().to_owned(),
            namespace: hit.subject.namespace().to_owned(),
            name: hit.subject.name().to_owned(),
            reason: NotAppliedReason::OtherCluster,
            source: hit.subject.place().cloned(),
            by: Some(cluster.to_owned()),
            detail: kustomization(hit.subject).map(str::to_owned),
            ..NotApplied::default()
        },
        because: Vec::new(),
    })
    .collect()
}

/// Key of the Kustomization that applies it.
fn kustomization(subject: Subject<'_>) -> Option<&str> {
    match subject {
        Subject::Service(_, service) => service.kustomization.as_deref(),
        Subject::Kustomization(_, kustomization) => kustomization.parent.as_deref(),
        Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
        Subject::ConfigMap(_, config_map) => config_map.kustomization.as_deref(),
        Subject::Object(_, object) => object.kustomization.as_deref(),
        _ => None,
    }
}

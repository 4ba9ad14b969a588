//! Names that only another cluster of the repository knows.

use infra_model::{NotApplied, NotAppliedReason, Place};

use crate::find::{Hit, Matched, find};
use crate::why_not::PATHS;
use crate::{Facts, Subject, WhyNot};

/// What a term means in another cluster, each with that cluster as the reason why this one does not have it. Matches of
/// parts of names and of values do not count. `here` are the facts of the cluster that does not have it.
pub fn elsewhere(cluster: &str, facts: &dyn Facts, term: &str, here: &dyn Facts) -> Vec<WhyNot> {
    let hits = find(facts, term).unwrap_or_default();
    // Image groups are left out: their services are found too.
    let is_meant = |hit: &Hit<'_>| {
        (hit.matched < Matched::Field || hit.matched == Matched::Words)
            && !matches!(hit.subject, Subject::ImageGroup(..))
    };
    let hits: Vec<Hit<'_>> = hits.into_iter().filter(is_meant).collect();
    // A HelmRelease is also found as a service, with the same place.
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
            detail: hit
                .subject
                .applied_by()
                .map(|key| by_kustomization(key, facts, here)),
            ..NotApplied::default()
        },
        because: Vec::new(),
    })
    .collect()
}

/// A Kustomization, with its paths there and here if they differ: then only one of the folders may list the object.
fn by_kustomization(key: &str, there: &dyn Facts, here: &dyn Facts) -> String {
    let path = |facts: &dyn Facts| Some(folder(&facts.kustomizations().get(key)?.path).to_owned());
    match (path(there), path(here)) {
        (Some(there), Some(here)) if there != here => {
            format!("{key}{PATHS}{there} there leads to it, {here} here does not)")
        }
        (Some(there), None) => format!("{key}{PATHS}{there}, and this cluster has no Kustomization {key})"),
        _ => key.to_owned(),
    }
}

fn folder(path: &str) -> &str {
    path.trim_start_matches("./").trim_matches('/')
}

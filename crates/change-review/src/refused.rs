//! Kustomizations of which Flux applies nothing though they can be built: it, or the API server, refuses an object of them
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>: `apply` comes before
//! `prune`).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluated, KustomizationId};
use source_tree::{Diagnostic, Severity, codes};

use crate::objects::{Objects, owners_of};
use crate::owner::Owner;

/// Codes of findings about a Kustomization that fails with what it has built.
const FAILING: [&str; 3] = [
    codes::DECRYPTION_MISSING,
    codes::SUBSTITUTION_FAILED,
    codes::VARIABLE_UNREPLACED,
];

/// Which Kustomizations fail by these findings, and why. `objects` are those of the side.
pub(crate) fn refused<'e>(
    findings: &[Diagnostic],
    objects: &Objects<'_>,
    kustomizations: impl Iterator<Item = &'e Evaluated>,
) -> BTreeMap<KustomizationId, String> {
    let ids: BTreeMap<String, &KustomizationId> = kustomizations
        .filter_map(|evaluated| evaluated.id.as_ref())
        .map(|id| (format!("Kustomization/{id}"), id))
        .collect();
    let mut found = BTreeMap::new();
    let mut refused: BTreeMap<&str, &str> = BTreeMap::new();
    for finding in findings {
        let Some(object) = finding.object.as_deref() else {
            continue;
        };
        if finding.severity == Severity::Error && FAILING.contains(&finding.code.as_ref()) {
            if let Some(id) = ids.get(object) {
                found
                    .entry((*id).clone())
                    .or_insert_with(|| finding.message.clone());
            }
        } else if is_refusal(finding, object) {
            refused.entry(object).or_insert(&finding.message);
        }
    }
    let names: BTreeSet<&str> = refused.keys().copied().collect();
    for (name, owner) in owners_of(objects, &names) {
        if let (Owner::Kustomization(id), Some(message)) = (owner, refused.get(name)) {
            found.entry(id.clone()).or_insert_with(|| (*message).to_owned());
        }
    }
    found
}

/// Whether a finding says that an object is refused, and so all that comes with it.
fn is_refusal(finding: &Diagnostic, object: &str) -> bool {
    match finding.code.as_ref() {
        codes::NAMESPACE_MISSING | codes::API_REMOVED => finding.severity == Severity::Error,
        // Labels that are no texts are lost, and the object is applied without them; what is not about a field of the object
        // itself stops what is made of it.
        codes::FIELD_INVALID | codes::RETYPED_VALUE => {
            let is_of_object = finding
                .message
                .strip_prefix(object)
                .is_some_and(|rest| rest.starts_with(": "));
            let is_certain = finding.severity == Severity::Error || finding.code == codes::RETYPED_VALUE;
            is_certain && is_of_object && !finding.message.contains("`metadata.labels.")
        }
        _ => false,
    }
}

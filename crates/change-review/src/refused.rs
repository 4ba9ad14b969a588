//! Kustomizations that build but do not apply, since Flux or the API server refuses one of their objects
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>: `apply` comes before
//! `prune`).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::{Evaluation, KustomizationId};
use source_tree::{Diagnostic, Severity, codes};

use crate::objects::{Objects, kustomizations, owners_of};
use crate::owner::Owner;

/// Codes of findings about a Kustomization that fails after its build.
const FAILING: [&str; 3] = [
    codes::DECRYPTION_MISSING,
    codes::SUBSTITUTION_FAILED,
    codes::VARIABLE_UNREPLACED,
];

/// The Kustomizations that fail because of findings, with the reason. `objects` are those of `evaluation`.
pub(crate) fn refused(
    findings: &[Diagnostic],
    objects: &Objects<'_>,
    evaluation: &Evaluation,
) -> BTreeMap<KustomizationId, String> {
    let ids: BTreeMap<String, &KustomizationId> = kustomizations(evaluation)
        .map(|(id, _)| (format!("Kustomization/{id}"), id))
        .collect();
    let mut found = BTreeMap::new();
    let mut refused: BTreeMap<&str, &str> = BTreeMap::new();
    for finding in findings {
        let Some(object) = finding.object.as_deref() else {
            continue;
        };
        if finding.severity == Severity::Error && FAILING.contains(&finding.code.as_ref()) {
            if let Some(id) = ids.get(object).copied() {
                found.entry(id.clone()).or_insert_with(|| finding.message.clone());
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

/// Whether a finding says that an object is refused, and with it its whole Kustomization.
fn is_refusal(finding: &Diagnostic, object: &str) -> bool {
    match finding.code.as_ref() {
        codes::NAMESPACE_MISSING | codes::API_REMOVED => finding.severity == Severity::Error,
        // An object is applied without labels that are no strings. A finding that is not about a field of the object itself
        // concerns the objects made from it.
        codes::FIELD_INVALID | codes::RETYPED_VALUE => {
            let rest = finding.message.strip_prefix(object);
            let is_of_object = rest.is_some_and(|rest| rest.starts_with(": "));
            let is_certain = finding.severity == Severity::Error || finding.code == codes::RETYPED_VALUE;
            is_certain && is_of_object && !finding.message.contains("`metadata.labels.")
        }
        _ => false,
    }
}

//! `contested-owner`: two Kustomizations apply one object.

use infra_model::codes;
use source_tree::Diagnostic;

use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for object in &inventory.objects {
        // What a controller makes of an object is contested where that object is.
        if object.applied.generated_by.is_some() {
            continue;
        }
        let others = inventory.also_applied_by(object);
        let Some(owner) = inventory.kustomization(object).filter(|_| !others.is_empty()) else {
            continue;
        };
        let object_name = object.object_name().to_string();
        findings.push(
            Diagnostic::warning(
                codes::CONTESTED_OWNER,
                match others.as_slice() {
                    [other] => format!("Kustomizations {owner} and {other} both apply {object_name}"),
                    others => format!(
                        "Kustomizations {owner}, {} all apply {object_name}; {owner} has the last word",
                        others.join(", ")
                    ),
                },
            )
            .at(inventory.source(object))
            .on(object_name)
            .hint("let one path own the object"),
        );
    }
    findings
}

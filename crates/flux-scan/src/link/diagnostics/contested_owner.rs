//! `contested-owner`: two Kustomizations apply one object.

use infra_model::codes;
use source_tree::Diagnostic;

use super::super::Linker;

pub(super) fn find(linker: &mut Linker<'_>) {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for object in inventory.objects.iter().filter(|object| !object.also.is_empty()) {
        let name = |owner: usize| {
            let key = inventory.owners.get(owner).and_then(|owner| owner.key.clone());
            key.map_or_else(|| "the cluster entry".to_owned(), |key| format!("Kustomization {key}"))
        };
        let mut others: Vec<String> = object.also.iter().map(|owner| name(*owner)).collect();
        others.sort_unstable();
        others.dedup();
        let object_name = object.object_name().to_string();
        findings.push(
            Diagnostic::warning(
                codes::CONTESTED_OWNER,
                format!("{} and {} both apply {object_name}", name(object.owner), others.join(", ")),
            )
            .at(inventory.source(object))
            .on(object_name)
            .hint("let one path own the object"),
        );
    }
    linker.diagnostics.extend(findings);
}

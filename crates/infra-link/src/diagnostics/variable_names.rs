//! `substitution-failed` by keys that an operator puts into a ConfigMap or Secret: their names are known here, their values are not.
//! Evaluation reports the keys of plain and encrypted manifests
//! (<https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_varsub.go>).

use flux_evaluate::{invalid_name_error, is_variable_name};
use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for owner in &inventory.owners {
        let evaluated = owner.evaluated;
        let Some(id) = evaluated.id.as_ref().filter(|_| !owner.suspend) else {
            continue;
        };
        if evaluated.objects.is_empty() && !evaluated.external {
            continue;
        }
        for reference in evaluated.substitute_from() {
            let name = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            if inventory
                .find("", &name.kind, &name.namespace, &name.name)
                .is_some()
            {
                continue;
            }
            let mut keys = linker.made_keys.known(&name);
            let Some(key) = keys.find(|key| !key.contains("${") && !is_variable_name(key)) else {
                continue;
            };
            findings.push(
                Diagnostic::error(
                    codes::SUBSTITUTION_FAILED,
                    format!("Kustomization {id}: {}", invalid_name_error(key)),
                )
                .at(inventory.place(reference.name_mark))
                .on(format!("Kustomization/{id}"))
                .hint(format!(
                    "rename the key `{key}` of {name}: every one of its keys is a variable here"
                )),
            );
        }
    }
    findings
}

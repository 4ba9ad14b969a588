//! `decryption-missing`: a Kustomization without `decryption` applies what SOPS encrypted, and Flux or the API server refuses it
//! (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go>).

use flux_evaluate::Applied;
use infra_model::codes;
use source_tree::Diagnostic;

use super::first_and_more;
use crate::inventory::Owner;
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let owners = linker.inventory.owners.iter();
    owners.filter_map(|owner| of_owner(linker, owner)).collect()
}

/// One finding for all that a Kustomization applies: the first place says enough.
fn of_owner(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<Diagnostic> {
    let evaluated = owner.evaluated;
    let id = evaluated.id.as_ref()?;
    let decrypts = |view: &flux_evaluate::flux::Kustomization| view.decryption.is_some();
    if evaluated.kustomization.as_deref().is_none_or(decrypts) {
        return None;
    }
    let encrypted = evaluated.objects.iter().filter(|object| is_encrypted(object));
    let (object, others) = first_and_more(encrypted)?;
    let name = flux_evaluate::flux::object_ref(&object.node);
    let message = format!(
        "Kustomization {id} has no `decryption`, and {name}{others} is encrypted by SOPS: nothing of the Kustomization is applied"
    );
    Some(
        Diagnostic::error(codes::DECRYPTION_MISSING, message)
            .at(linker.inventory.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint("add `spec.decryption: {provider: sops, secretRef: {name: …}}` to the Kustomization"),
    )
}

fn is_encrypted(object: &Applied) -> bool {
    object.generated_by.is_none() && object.node.at(&["sops", "mac"]).is_some()
}

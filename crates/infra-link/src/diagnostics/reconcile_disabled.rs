//! `reconcile-disabled`: an annotation makes Flux leave an object alone, or its Kustomization leaves some of its fields to others.

use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use super::first_and_more;
use crate::apply_annotations::{ApplyAnnotation, apply_annotations};
use crate::ignored_fields::ignored_fields;
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    // Annotations do not pass from a HelmRelease to the objects of its chart.
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        if let Some((field, more)) = first_and_more(ignored_fields(inventory, object)) {
            let id = object.object_name();
            let owner = inventory.kustomization(object).unwrap_or_default();
            let message = format!(
                "Kustomization {owner} ignores `{}`{more} of {id}: Flux leaves it to others once the object exists, whatever the file says",
                field.pointer
            );
            findings.push(
                Diagnostic::new(Severity::Info, codes::RECONCILE_DISABLED, message)
                    .at(inventory.place(field.mark).or_else(|| inventory.source(object)))
                    .on(id.to_string())
                    .hint("remove the path from `spec.ignore` if edits of the file should reach the cluster"),
            );
        }
        let Some(found) = apply_annotations(object).next() else {
            continue;
        };
        let Some(message) = message(found) else { continue };
        let view = inventory.view(object);
        let mark = view
            .at(&["metadata", "annotations", found.annotation])
            .map_or(object.applied.mark, |view| view.mark());
        let id = object.object_name();
        findings.push(
            Diagnostic::new(
                Severity::Info,
                codes::RECONCILE_DISABLED,
                format!("{id} says `{}: {}`: {message}", found.annotation, found.value),
            )
            .at(inventory.place(mark))
            .on(id.to_string())
            .hint("remove the annotation if edits of the file should reach the cluster"),
        );
    }
    findings
}

fn message(found: ApplyAnnotation<'_>) -> Option<&'static str> {
    match (found.name(), found.value.to_ascii_lowercase().as_str()) {
        ("reconcile", "disabled") if found.is_of_operator() => {
            Some("flux-operator leaves it and all that it makes as they are, whatever the file says")
        }
        ("reconcile", "disabled") => Some("Flux neither applies nor deletes it, whatever the file says"),
        ("ssa", "ignore") => Some("Flux does not apply it"),
        ("ssa", "ifnotpresent") => {
            Some("Flux creates it once, and later edits of the file never reach the cluster")
        }
        _ => None,
    }
}

//! `reconcile-disabled`: an object tells Flux to leave it as it is in the cluster.

use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use crate::linker::Linker;
use crate::told::{Told, told};

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    // An object that Flux itself makes of others bears no annotation of theirs.
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        let Some(told) = told(object.node()) else { continue };
        let Some(message) = message(told) else { continue };
        let view = inventory.view(object);
        let mark = view
            .at(&["metadata", "annotations", told.annotation])
            .map_or(object.applied.mark, |view| view.mark());
        let id = object.object_name();
        findings.push(
            Diagnostic::new(
                Severity::Info,
                codes::RECONCILE_DISABLED,
                format!("{id} says `{}: {}`: {message}", told.annotation, told.value),
            )
            .at(inventory.place(mark))
            .on(id.to_string())
            .hint("take the annotation away when an edit of the file is meant to reach the cluster"),
        );
    }
    findings
}

fn message(told: Told<'_>) -> Option<&'static str> {
    match (told.name(), told.value.to_ascii_lowercase().as_str()) {
        ("reconcile", "disabled") => Some("Flux neither applies nor deletes it, whatever the file says"),
        ("ssa", "ignore") => Some("Flux does not apply it"),
        ("ssa", "ifnotpresent") => {
            Some("Flux creates it once, and later edits of the file never reach the cluster")
        }
        _ => None,
    }
}

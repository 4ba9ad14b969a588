//! Objects that take others or data with them when Flux deletes them.

use source_tree::Diagnostic;

use super::codes;
use super::subject::{Subject, error};
use crate::keep::mark_that_keeps;
use crate::objects::Object;

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    match (&subject.before, &subject.after) {
        (Some(before), None) => gone(subject, before, found),
        (Some(before), Some(after)) => moved(subject, before, after, found),
        _ => {}
    }
}

fn gone(subject: &Subject<'_>, before: &Object<'_>, found: &mut Vec<Diagnostic>) {
    if let (Some(lost), Some(fate)) = (lost(before), &subject.fate)
        && fate.pruned
    {
        let message = format!("Flux deletes it ({}): {lost}", fate.reason);
        let (what, mark) = match &fate.namespace {
            Some((namespace, mark)) => (format!("Namespace {namespace}"), *mark),
            None => ("it".to_owned(), mark_that_keeps(before)),
        };
        let hint = format!("mark {what} {mark} in a change before this one to keep it");
        found.push(error(codes::PRUNE, before, None, message).hint(hint));
    }
}

/// Owners reconcile in any order: if the old one comes first, it deletes what the new one then creates again
/// (<https://github.com/fluxcd/kustomize-controller/issues/338>).
fn moved(subject: &Subject<'_>, before: &Object<'_>, after: &Object<'_>, found: &mut Vec<Diagnostic>) {
    if let (Some(lost), Some(fate)) = (lost(after), &subject.moved)
        && fate.pruned
    {
        let message = format!(
            "{} applies it now, and Flux deletes it if the old owner comes first ({}): {lost}",
            subject.owner, fate.reason
        );
        let mark = format!("mark the object {}", mark_that_keeps(before));
        let hint = match before.applied.generated_by {
            None => format!("set prune: false in the old owner, or {mark}, in a change before this one"),
            Some(_) => format!("{mark} in a change before this one"),
        };
        found.push(error(codes::PRUNE, after, None, message).hint(hint));
    }
}

/// The loss that comes with the deletion of an object.
fn lost(object: &Object<'_>) -> Option<&'static str> {
    Some(match object.kind() {
        "Namespace" => "everything in the namespace goes with it",
        "CustomResourceDefinition" => "all objects of its kind go with it",
        "PersistentVolumeClaim" | "PersistentVolume" => "its data may go with it",
        _ => return None,
    })
}

//! Objects that take more with them when Flux deletes them.

use source_tree::{Diagnostic, Severity};

use super::codes;
use super::subject::{Subject, danger};
use crate::objects::Object;

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    match (&subject.before, &subject.after) {
        (Some(before), None) => gone(subject, before, found),
        (Some(_), Some(after)) => moved(subject, after, found),
        _ => {}
    }
}

fn gone(subject: &Subject<'_>, before: &Object<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(lost), Some(fate)) = (lost(before), &subject.fate) else {
        return;
    };
    if fate.pruned {
        let message = format!("Flux deletes it ({}): {lost}", fate.reason);
        let hint = match before.is_of_release() {
            true => "mark it helm.sh/resource-policy: keep in a change before this one to keep it",
            false => {
                "mark it kustomize.toolkit.fluxcd.io/prune: disabled in a change before this one to keep it"
            }
        };
        found.push(danger(Severity::Error, codes::PRUNE, before, None, message).hint(hint));
    }
}

/// Owners reconcile in any order: where the old one comes first, it deletes what the new one makes anew
/// (<https://github.com/fluxcd/kustomize-controller/issues/338>).
fn moved(subject: &Subject<'_>, after: &Object<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(lost), Some(fate)) = (lost(after), &subject.moved) else {
        return;
    };
    if fate.pruned {
        let message = format!(
            "{} applies it now, and Flux deletes it if the old owner comes first ({}): {lost}",
            subject.owner, fate.reason
        );
        found.push(danger(Severity::Error, codes::PRUNE, after, None, message).hint(
            "set prune: false in the old owner, or mark the object kustomize.toolkit.fluxcd.io/prune: disabled, in a change before this one",
        ));
    }
}

/// What goes with an object, where more does.
fn lost(object: &Object<'_>) -> Option<&'static str> {
    Some(match object.kind() {
        "Namespace" => "everything in the namespace goes with it",
        "CustomResourceDefinition" => "all objects of its kind go with it",
        "PersistentVolumeClaim" | "PersistentVolume" => "its data may go with it",
        _ => return None,
    })
}

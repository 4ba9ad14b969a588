//! Objects that take more with them when Flux deletes them.

use source_tree::{Diagnostic, Severity};

use super::codes;
use super::subject::{Subject, danger};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(before), None, Some(fate)) = (&subject.before, &subject.after, &subject.fate) else {
        return;
    };
    let lost = match before.kind() {
        "Namespace" => "everything in the namespace goes with it",
        "CustomResourceDefinition" => "all objects of its kind go with it",
        "PersistentVolumeClaim" => "its data may go with it",
        "PersistentVolume" => "its data may go with it",
        _ => return,
    };
    if fate.pruned {
        let message = format!("Flux deletes it ({}): {lost}", fate.reason);
        found.push(danger(Severity::Error, codes::PRUNE, before, None, message).hint(
            "mark it kustomize.toolkit.fluxcd.io/prune: disabled in a change before this one to keep it",
        ));
    }
}

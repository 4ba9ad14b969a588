//! Volumes that shrink.

use source_tree::{Diagnostic, Severity};

use super::codes;
use super::quantity::bytes;
use super::subject::{Subject, danger, refusal};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    if after.kind() != "PersistentVolumeClaim" {
        return;
    }
    let size = ["spec", "resources", "requests", "storage"];
    let (Some(old), Some(new)) = (before.node().text_at(&size), after.node().text_at(&size)) else {
        return;
    };
    if let (Some(old_bytes), Some(new_bytes)) = (bytes(old), bytes(new))
        && new_bytes < old_bytes
    {
        let message = format!(
            "the volume shrinks from {old} to {new}: {}",
            refusal(&subject.owner)
        );
        found.push(danger(
            Severity::Error,
            codes::STORAGE,
            after,
            after.node().at(&size),
            message,
        ));
    }
}

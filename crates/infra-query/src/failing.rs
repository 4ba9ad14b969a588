//! Errors that keep Flux from applying an object: those of its Kustomization, or of one above.

use std::fmt;

use infra_model::{Diagnostic, Severity};
use plain_text::{Lines, line, printable_name};

use crate::suspended_above::upwards;
use crate::text::places_text;
use crate::{Facts, Subject};

/// The error of the nearest Kustomization that applies an object, directly or through others: Flux applies nothing of a
/// Kustomization with an error. Suspended ones do not count, since they are reported as such.
pub(crate) fn above<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<&'a Diagnostic> {
    let own = match subject {
        Subject::Secret(..) => subject.kustomization(),
        _ => subject.applied_by(),
    };
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let errors: Vec<&Diagnostic> = facts.diagnostics().iter().filter(is_error).collect();
    if errors.is_empty() {
        return None;
    }
    let active = upwards(facts, own).filter(|(_, kustomization)| !kustomization.suspend);
    let mut failing = active.filter_map(|(_, kustomization)| {
        let object = format!("Kustomization/{}/{}", kustomization.namespace, kustomization.name);
        let mut errors = errors.iter();
        errors.find(|error| error.object.as_deref() == Some(&object))
    });
    failing.next().copied()
}

/// Writes a line with the error.
pub(crate) fn write(f: &mut Lines<'_>, error: Option<&Diagnostic>) -> fmt::Result {
    let Some(error) = error else { return Ok(()) };
    line!(
        f,
        "not applied by Flux as written: {}{}",
        printable_name(&error.message),
        places_text(&error.place, None)
    )
}

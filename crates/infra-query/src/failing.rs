//! Errors that keep Flux from applying a thing: of its Kustomization, or of one above.

use std::collections::BTreeSet;
use std::fmt;

use infra_model::{Diagnostic, Severity};
use plain_text::{Lines, line, printable_name};

use crate::{Facts, Subject};

/// The nearest Kustomization with an error that applies a thing, directly or through others: by such an error Flux applies nothing
/// of it. One that is suspended is told elsewhere.
pub(crate) fn above<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Option<&'a Diagnostic> {
    let own = match subject {
        Subject::Service(_, service) => service.kustomization.as_deref(),
        Subject::HelmRelease(_, release) => release.kustomization.as_deref(),
        Subject::Kustomization(_, kustomization) => kustomization.parent.as_deref(),
        Subject::Object(_, object) => object.kustomization.as_deref(),
        Subject::ConfigMap(_, map) => map.kustomization.as_deref(),
        Subject::Secret(_, secret) => secret.kustomization.as_deref(),
        _ => None,
    };
    let mut errors = facts
        .diagnostics()
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .peekable();
    errors.peek()?;
    let errors: Vec<&Diagnostic> = errors.collect();
    let mut seen = BTreeSet::new();
    let mut next = own;
    while let Some(key) = next.filter(|key| seen.insert(*key)) {
        let kustomization = facts.kustomizations().get(key)?;
        let object = format!("Kustomization/{}/{}", kustomization.namespace, kustomization.name);
        let of_it = |error: &&&Diagnostic| error.object.as_deref() == Some(&object);
        if let Some(error) = errors.iter().find(of_it).filter(|_| !kustomization.suspend) {
            return Some(error);
        }
        next = kustomization.parent.as_deref();
    }
    None
}

/// What that means.
pub(crate) fn write(f: &mut Lines<'_>, error: Option<&Diagnostic>) -> fmt::Result {
    let Some(error) = error else { return Ok(()) };
    let place = error.place.as_ref();
    let place = place.map_or(String::new(), |place| {
        format!(" <- {}", printable_name(&place.to_string()))
    });
    line!(
        f,
        "not applied by Flux as it stands: {}{place}",
        printable_name(&error.message)
    )
}

//! Diagnostics about `substituteFrom` objects whose values are not in the repository: those that nothing makes, and those
//! that an operator makes.

use std::collections::BTreeMap;

use source_tree::{Diagnostic, Mark, ObjectRef, Severity, codes};

use super::key::Key;
use super::output::Failure;
use super::round::{Evaluator, Round};
use super::state::State;
use crate::KustomizationId;

/// One diagnostic for each object, with all Kustomizations that substitute from it.
pub(super) fn findings(evaluator: &Evaluator<'_>, state: &State, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut missing: BTreeMap<ObjectRef, Vec<(&KustomizationId, Mark)>> = BTreeMap::new();
    for id in &view.reach.order {
        let Some(output) = state.outputs.get(&Key::Kustomization(id.clone())) else {
            continue;
        };
        if !matches!(output.result, Ok(_) | Err(Failure::Apply(_))) {
            continue;
        }
        for reference in output
            .inputs
            .merged
            .missing
            .iter()
            .filter(|missing| !missing.optional)
        {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            missing.entry(object).or_default().push((id, reference.mark));
        }
    }
    let finding = |(object, users): (ObjectRef, Vec<(&KustomizationId, Mark)>)| {
        let (first, mark) = users.first()?;
        let (severity, code, why) = match view.typed.maker(&object) {
            Some(maker) => (
                Severity::Info,
                codes::SUBSTITUTE_FROM_UNKNOWN,
                format!("whose values {maker} takes from elsewhere"),
            ),
            None => (
                Severity::Warning,
                codes::SUBSTITUTE_FROM_MISSING,
                "which nothing that this cluster applies makes".to_owned(),
            ),
        };
        let who = match users.len() {
            0 | 1 => format!("Kustomization {first} substitutes"),
            several => format!("Kustomization {first} and {} more substitute", several - 1),
        };
        let diagnostic = Diagnostic::new(severity, code, format!("{who} from {object}, {why}"));
        let give = format!("give its values with --vars {object}=FILE to have them substituted");
        let hint = match view.typed.values_elsewhere(&object) {
            _ if let Some(hashed) = view.typed.hashed(&object) => format!(
                "it is generated as {hashed}: set disableNameSuffixHash in the `options` of the generator"
            ),
            Some(other) => format!(
                "there is one of this name in the namespace {other}, which does not count: Flux reads that of the Kustomization's own; make it in {}, or {give}",
                object.namespace
            ),
            None => give,
        };
        let place = evaluator.place_or(*mark, view.reach.mark(first));
        let diagnostic = diagnostic.hint(hint).at(place);
        Some(diagnostic.on(format!("Kustomization/{first}")))
    };
    missing.into_iter().filter_map(finding).collect()
}

//! Diagnostics about Kustomizations that substitute from objects which are only applied after them.
//!
//! A Kustomization exists once its parent is applied. It is applied once its dependencies are ready and the objects exist that
//! it substitutes from. A cycle of these never starts on a new cluster, though it works on one that has the objects already.

use std::collections::BTreeMap;

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::key::Key;
use super::reach::reaches;
use super::round::{Evaluator, Round};
use crate::KustomizationId;
use crate::flux::SubstituteReference;

/// Why one Kustomization waits for another.
#[derive(Clone, Copy)]
struct Wait<'a> {
    target: &'a KustomizationId,
    reference: Option<&'a SubstituteReference>,
}

/// One diagnostic for each entry of `substituteFrom` that makes Kustomizations wait for themselves.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut waits: BTreeMap<&KustomizationId, Vec<Wait<'_>>> = BTreeMap::new();
    for (id, definition) in &view.reach.definitions {
        let waits = waits.entry(id).or_default();
        let depends_on = definition.view.depends_on.iter();
        let depends_on = depends_on.filter(|id| view.reach.definitions.contains_key(id));
        waits.extend(definition.parent.iter().chain(depends_on).map(|target| Wait {
            target,
            reference: None,
        }));
        let references = definition.view.substitute_from().iter();
        for reference in references.filter(|reference| !reference.optional) {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            let from_outside = evaluator.outside.object(&object).is_some();
            let owner = view.typed.values(&object).map(|values| &values.owner);
            if let Some(target) = owner.and_then(Key::kustomization)
                && !from_outside
                && view.reach.definitions.contains_key(target)
            {
                waits.push(Wait {
                    target,
                    reference: Some(reference),
                });
            }
        }
    }
    // Kustomizations that wait because of the same statement, for example a patch, share a diagnostic.
    let mut found: Vec<(Cycle<'_>, Vec<&KustomizationId>)> = Vec::new();
    for (id, edges) in &waits {
        for edge in edges {
            let Some(reference) = edge.reference else { continue };
            let next = |id| waits.get(id).into_iter().flatten().map(|wait| wait.target);
            if !reaches(edge.target, id, next) {
                continue;
            }
            let cycle = Cycle {
                reference,
                by: (edge.target != *id).then_some(edge.target),
                // The entry is applied by hand once, to bootstrap the cluster.
                is_of_entry: view.reach.entry.as_ref() == Some(*id),
            };
            match found.iter_mut().find(|(known, _)| *known == cycle) {
                Some((_, ids)) => ids.push(id),
                None => found.push((cycle, vec![id])),
            }
        }
    }
    found
        .into_iter()
        .filter_map(|(cycle, ids)| cycle.finding(evaluator, &ids))
        .collect()
}

/// Why Kustomizations wait for themselves.
#[derive(PartialEq)]
struct Cycle<'a> {
    reference: &'a SubstituteReference,
    /// The Kustomization that applies the object; `None` if each of them does itself.
    by: Option<&'a KustomizationId>,
    is_of_entry: bool,
}

impl Cycle<'_> {
    fn finding(&self, evaluator: &Evaluator<'_>, ids: &[&KustomizationId]) -> Option<Diagnostic> {
        let (id, others) = ids.split_first()?;
        let reference = self.reference;
        let who = match others.len() {
            0 => format!("Kustomization {id} substitutes"),
            more => format!("Kustomization {id} and {more} more substitute"),
        };
        let them = if others.is_empty() { "it" } else { "them" };
        let by = match self.by {
            Some(target) => format!("only {target} applies, which in turn waits for {them}"),
            None if others.is_empty() => "only it applies itself".to_owned(),
            None => "only they apply themselves".to_owned(),
        };
        let severity = match self.is_of_entry {
            true => Severity::Info,
            false => Severity::Warning,
        };
        let (kind, name) = (&reference.kind, &reference.name);
        let message = format!("{who} from {kind}/{name}, which {by}");
        Some(
            Diagnostic::new(severity, codes::DEPENDENCY_CYCLE, message)
                .at(evaluator.files.place(reference.mark))
                .on(format!("Kustomization/{id}"))
                .hint("on a new cluster it never starts: let a Kustomization that needs no such value apply the object"),
        )
    }
}

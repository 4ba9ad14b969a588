//! Diagnostics about Kustomizations that substitute from what only comes after them.
//!
//! A Kustomization exists once its parent is applied, and is applied once what it depends on is ready and the objects exist that it
//! substitutes from. A circle of these never starts on a new cluster, however well it works on one where the objects are left from before.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::key::Key;
use super::round::{Evaluator, Round};
use crate::KustomizationId;
use crate::flux::SubstituteReference;

/// Why one Kustomization waits for another.
#[derive(Clone, Copy)]
struct Wait<'a> {
    target: &'a KustomizationId,
    reference: Option<&'a SubstituteReference>,
}

/// One diagnostic per entry of `substituteFrom` by way of which Kustomizations wait for themselves.
pub(super) fn circles(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut waits: BTreeMap<&KustomizationId, Vec<Wait<'_>>> = BTreeMap::new();
    for (id, definition) in &view.reach.definitions {
        let waits = waits.entry(id).or_default();
        waits.extend(definition.parent.as_ref().map(|target| Wait {
            target,
            reference: None,
        }));
        let depends_on = definition.view.depends_on.iter();
        let depends_on = depends_on.filter_map(|id| view.reach.definitions.get_key_value(id));
        waits.extend(depends_on.map(|(target, _)| Wait {
            target,
            reference: None,
        }));
        let references = definition
            .view
            .post_build
            .iter()
            .flat_map(|post_build| &post_build.substitute_from);
        for reference in references.filter(|reference| !reference.optional) {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            let from_outside = evaluator.outside.object(&object).is_some();
            let owner = view.typed.values(&object).map(|values| &values.owner);
            if let (Some(Key::Kustomization(owner)), false) = (owner, from_outside) {
                let target = view.reach.definitions.get_key_value(owner).map(|(id, _)| id);
                waits.extend(target.map(|target| Wait {
                    target,
                    reference: Some(reference),
                }));
            }
        }
    }
    // Those that one statement, such as a patch, makes wait in one way share a line.
    let mut found: Vec<(Circle<'_>, Vec<&KustomizationId>)> = Vec::new();
    for (id, edges) in &waits {
        for edge in edges {
            let Some(reference) = edge.reference else { continue };
            if !reaches(edge.target, id, &waits) {
                continue;
            }
            let circle = Circle {
                reference,
                by: (edge.target != *id).then_some(edge.target),
                // What the entry holds is applied by hand once, to bootstrap the cluster.
                is_of_entry: view.reach.entry.as_ref() == Some(*id),
            };
            match found.iter_mut().find(|(known, _)| *known == circle) {
                Some((_, ids)) => ids.push(id),
                None => found.push((circle, vec![id])),
            }
        }
    }
    found
        .into_iter()
        .filter_map(|(circle, ids)| circle.finding(evaluator, &ids))
        .collect()
}

/// What keeps Kustomizations waiting for themselves.
#[derive(PartialEq)]
struct Circle<'a> {
    reference: &'a SubstituteReference,
    /// The Kustomization that applies the object; none where each of them does.
    by: Option<&'a KustomizationId>,
    is_of_entry: bool,
}

impl Circle<'_> {
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

/// Whether `from` is `to`, or waits for it.
fn reaches<'a>(
    from: &'a KustomizationId,
    to: &KustomizationId,
    waits: &BTreeMap<&'a KustomizationId, Vec<Wait<'a>>>,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut stack = vec![from];
    while let Some(current) = stack.pop() {
        if current == to {
            return true;
        }
        for wait in waits.get(current).into_iter().flatten() {
            if seen.insert(wait.target) {
                stack.push(wait.target);
            }
        }
    }
    false
}

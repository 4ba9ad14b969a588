//! Diagnostics about Kustomizations that substitute from objects which are only applied after them.
//!
//! A Kustomization exists once its parent is applied. It is applied once its dependencies are ready and the objects exist that
//! it substitutes from. A cycle of these never starts on a new cluster, though it works on one that has the objects already.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::key::Key;
use super::reach::reaches;
use super::round::{Evaluator, Round};
use crate::KustomizationId;
use crate::flux::SubstituteReference;

/// Why one Kustomization waits for another.
#[derive(Clone)]
struct Wait<'a> {
    /// What it waits for: the first that comes of several Kustomizations which apply the same object.
    targets: Vec<&'a KustomizationId>,
    reference: Option<&'a SubstituteReference>,
}

type Waits<'a> = BTreeMap<&'a KustomizationId, Vec<Wait<'a>>>;

/// One diagnostic for each entry of `substituteFrom` that makes Kustomizations wait for themselves.
pub(super) fn findings(evaluator: &Evaluator<'_>, view: &Round<'_>) -> Vec<Diagnostic> {
    let mut waits = Waits::new();
    for (id, definition) in &view.reach.definitions {
        let waits = waits.entry(id).or_default();
        let depends_on = definition.view.depends_on.iter();
        let depends_on = depends_on.filter(|id| view.reach.definitions.contains_key(id));
        waits.extend(definition.parent.iter().chain(depends_on).map(|target| Wait {
            targets: vec![target],
            reference: None,
        }));
        let references = definition.view.substitute_from().iter();
        for reference in references.filter(|reference| !reference.optional) {
            let object = ObjectRef::new(&reference.kind, &id.namespace, &reference.name);
            let from_outside = evaluator.outside.object(&object).is_some();
            let Some(values) = view.typed.values(&object).filter(|_| !from_outside) else {
                continue;
            };
            let target = |key| Key::kustomization(key).filter(|id| view.reach.definitions.contains_key(id));
            // An object that something else applies too is there without any of them.
            if let Some(targets) = values.owners().map(target).collect() {
                waits.push(Wait {
                    targets,
                    reference: Some(reference),
                });
            }
        }
    }
    forget_made_by_others(&mut waits);
    // Kustomizations that wait because of the same statement, for example a patch, share a diagnostic.
    let mut found: Vec<(Cycle<'_>, Vec<&KustomizationId>)> = Vec::new();
    for (id, edges) in &waits {
        for edge in edges {
            let Some(reference) = edge.reference else { continue };
            let next = |id| {
                let waits = waits.get(id).into_iter().flatten();
                waits.flat_map(|wait| wait.targets.iter().copied())
            };
            if !edge.targets.iter().any(|target| reaches(target, id, next)) {
                continue;
            }
            let cycle = Cycle {
                reference,
                by: match edge.targets.as_slice() {
                    [only] if only == id => Vec::new(),
                    targets => targets.to_vec(),
                },
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

/// Removes the waits for an object that a Kustomization applies which can start without any of those that wait for it.
fn forget_made_by_others(waits: &mut Waits<'_>) {
    let has_choice = |wait: &Wait<'_>| wait.targets.len() > 1;
    if !waits.values().flatten().any(has_choice) {
        return;
    }
    let mut started: BTreeSet<&KustomizationId> = BTreeSet::new();
    loop {
        let can_start = |wait: &Wait<'_>| wait.targets.iter().any(|target| started.contains(target));
        let next = waits
            .iter()
            .filter(|(id, waits)| !started.contains(*id) && waits.iter().all(can_start));
        let next: Vec<&KustomizationId> = next.map(|(id, _)| *id).collect();
        if next.is_empty() {
            break;
        }
        started.extend(next);
    }
    for waits in waits.values_mut() {
        waits.retain(|wait| !has_choice(wait) || !wait.targets.iter().any(|target| started.contains(target)));
    }
}

/// Why Kustomizations wait for themselves.
#[derive(PartialEq)]
struct Cycle<'a> {
    reference: &'a SubstituteReference,
    /// The Kustomizations that apply the object; empty if each of them does itself.
    by: Vec<&'a KustomizationId>,
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
        let by = match self.by.as_slice() {
            [] if others.is_empty() => "only it applies itself".to_owned(),
            [] => "only they apply themselves".to_owned(),
            [target] => format!("only {target} applies, which in turn waits for {them}"),
            [first, second] => format!("only {first} and {second} apply, which wait for each other"),
            [first, more @ ..] => {
                format!(
                    "only {first} and {} more apply, which wait for each other",
                    more.len()
                )
            }
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

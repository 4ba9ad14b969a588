//! What a term means among the objects in the repository that Flux does not apply.

use infra_model::{NotApplied, NotAppliedReason, ObjectRef};

use super::term::Term;
use crate::Facts;
use crate::why_not::WhyNot;

/// Maximum number of Kustomizations above an object that would apply each other.
const MOST_STEPS: usize = 8;

/// The entries that a term names, whole objects first.
pub(super) fn not_applied(facts: &dyn Facts, term: &Term<'_>) -> Vec<WhyNot> {
    if term.text.is_empty() {
        return Vec::new();
    }
    let all = facts.not_applied();
    let mut found: Vec<&NotApplied> = all.iter().filter(|entry| term.is_name_of(entry)).collect();
    if found.is_empty() {
        found = all.iter().filter(|entry| term.is_file_of(entry)).collect();
    }
    found.sort_by_key(|entry| entry.part_of.is_some());
    with_reasons(all, found)
}

/// The objects in a folder that a term names.
pub(super) fn in_folder(facts: &dyn Facts, term: &Term<'_>) -> Vec<WhyNot> {
    let all = facts.not_applied();
    let found = all
        .iter()
        .filter(|entry| entry.part_of.is_none() && term.is_folder_of(entry));
    with_reasons(all, found.collect())
}

fn with_reasons(all: &[NotApplied], found: Vec<&NotApplied>) -> Vec<WhyNot> {
    found
        .into_iter()
        .map(|entry| WhyNot {
            because: because(all, entry),
            entry: entry.clone(),
        })
        .collect()
}

/// Whether one of the entries is a whole object.
pub(super) fn is_object(found: &[WhyNot]) -> bool {
    found.iter().any(|why| why.entry.part_of.is_none())
}

/// The Kustomization that would apply an object and is not applied itself, the one that would apply this, and so on.
fn because(all: &[NotApplied], entry: &NotApplied) -> Vec<NotApplied> {
    let mut chain: Vec<NotApplied> = Vec::new();
    let mut last = entry;
    while last.reason == NotAppliedReason::KustomizationNotApplied && chain.len() < MOST_STEPS {
        let Some(by) = &last.by else { break };
        let id = ObjectRef::parse(&format!("Kustomization/{by}")).unwrap_or_default();
        let is_next = |other: &&NotApplied| {
            other.kind == id.kind && other.name == id.name && other.namespace == id.namespace
        };
        match all.iter().find(is_next) {
            Some(next) if next != entry && !chain.contains(next) => {
                chain.push(next.clone());
                last = next;
            }
            _ => break,
        }
    }
    chain
}

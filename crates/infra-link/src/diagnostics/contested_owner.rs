//! `contested-owner`: two Kustomizations apply the same object.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use super::first_and_more;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // By the Kustomization with the last word and the others: such objects share one cause and one finding.
    let mut contested: BTreeMap<(String, Vec<String>), Vec<&Object<'_>>> = BTreeMap::new();
    let creators = LazyCell::new(|| creators(inventory));
    for object in &inventory.objects {
        // A suspended Kustomization applies nothing.
        let applies = |owner: usize| inventory.owners.get(owner).is_some_and(|owner| !owner.suspend);
        // An object that a controller generates is contested where its origin is.
        if object.applied.generated_by.is_some()
            || !applies(object.owner)
            || !object.also.iter().any(|owner| applies(*owner))
            || has_one_applier(&creators, object)
        {
            continue;
        }
        let others = object.also.iter().filter(|owner| applies(**owner));
        let mut others: Vec<String> = others
            .filter_map(|owner| inventory.owners.get(*owner)?.key.clone())
            .collect();
        others.sort_unstable();
        others.dedup();
        if let Some(owner) = inventory.kustomization(object).filter(|_| !others.is_empty()) {
            contested.entry((owner, others)).or_default().push(object);
        }
    }
    let contested = contested.into_iter();
    contested
        .filter_map(|((owner, others), objects)| {
            let (first, more) = first_and_more(objects)?;
            let name = first.object_name().to_string();
            let message = match others.as_slice() {
                [other] => format!("Kustomizations {owner} and {other} both apply {name}{more}"),
                others => format!(
                    "Kustomizations {owner}, {} all apply {name}{more}",
                    first_names(others)
                ),
            };
            let paths = owners_of(first).filter_map(|owner| path_of(linker, owner));
            let paths: Vec<String> = paths.take(MOST_NAMES).collect();
            Some(
                Diagnostic::warning(codes::CONTESTED_OWNER, message)
                    .at(inventory.source(first))
                    .on(name)
                    .hint(format!("let one of them own the object: {}", paths.join(", "))),
            )
        })
        .collect()
}

/// All owners of an object, the one with the last word first.
fn owners_of(object: &Object<'_>) -> impl Iterator<Item = usize> {
    [object.owner].into_iter().chain(object.also.iter().copied())
}

/// Whether at most one Kustomization goes on applying an object that exists.
fn has_one_applier(creators: &BTreeMap<ObjectRef, BTreeSet<usize>>, object: &Object<'_>) -> bool {
    let Some(creators) = creators.get(&flux_evaluate::flux::object_ref(object.node())) else {
        return false;
    };
    owners_of(object)
        .filter(|owner| !creators.contains(owner))
        .count()
        < 2
}

/// The owners that create an object and then leave it alone (`ssa: IfNotPresent`), by object.
fn creators(inventory: &Inventory<'_>) -> BTreeMap<ObjectRef, BTreeSet<usize>> {
    const SSA: [&str; 3] = ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/ssa"];
    let mut creators: BTreeMap<ObjectRef, BTreeSet<usize>> = BTreeMap::new();
    for (owner, of_owner) in inventory.owners.iter().enumerate() {
        for applied in &of_owner.evaluated.objects {
            if applied.node.text_at(&SSA) == Some("IfNotPresent") {
                let id = flux_evaluate::flux::object_ref(&applied.node);
                creators.entry(id).or_default().insert(owner);
            }
        }
    }
    creators
}

/// Most Kustomizations that a finding names: a component may be in those of all services.
const MOST_NAMES: usize = 4;

fn first_names(names: &[String]) -> String {
    match names.len().checked_sub(MOST_NAMES) {
        None | Some(0) => names.join(", "),
        Some(more) => format!(
            "{} and {} more",
            names.get(..MOST_NAMES - 1).unwrap_or_default().join(", "),
            more + 1
        ),
    }
}

/// `apps builds clusters/prod/apps`
fn path_of(linker: &Linker<'_>, owner: usize) -> Option<String> {
    let owner = linker.inventory.owners.get(owner);
    let owner = owner.filter(|owner| !owner.suspend)?;
    let path = match owner.evaluated.path.as_str() {
        "" => "the top of its source",
        path => path,
    };
    Some(format!("{} builds {path}", owner.key.as_ref()?))
}

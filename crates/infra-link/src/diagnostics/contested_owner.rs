//! `contested-owner`: two Kustomizations apply one object.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use super::first_and_more;
use crate::inventory::{Inventory, Object};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    // By the Kustomization with the last word and the others: they share one cause.
    let mut contested: BTreeMap<(String, Vec<String>), Vec<&Object<'_>>> = BTreeMap::new();
    let makers = LazyCell::new(|| makers_once(inventory));
    for object in &inventory.objects {
        // What a controller makes of an object is contested where that object is.
        if object.applied.generated_by.is_some() {
            continue;
        }
        // A suspended one applies nothing.
        let applies = |owner: usize| inventory.owners.get(owner).is_some_and(|owner| !owner.suspend);
        if !applies(object.owner) || !object.also.iter().any(|owner| applies(*owner)) {
            continue;
        }
        if leaves_to_others(&makers, object) {
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
                others => format!("Kustomizations {owner}, {} all apply {name}{more}", some(others)),
            };
            let owners = [first.owner].into_iter().chain(first.also.iter().copied());
            let paths = owners.filter_map(|owner| path_of(linker, owner));
            let paths: Vec<String> = paths.take(MOST).collect();
            Some(
                Diagnostic::warning(codes::CONTESTED_OWNER, message)
                    .at(inventory.source(first))
                    .on(name)
                    .hint(format!("let one of them own the object: {}", paths.join(", "))),
            )
        })
        .collect()
}

/// Whether all but one of the Kustomizations say that they only make the object where it is not there. `makers` are those of each
/// object that says so.
fn leaves_to_others(makers: &BTreeMap<ObjectRef, BTreeSet<usize>>, object: &Object<'_>) -> bool {
    let Some(makers) = makers.get(&flux_evaluate::flux::object_ref(object.node())) else {
        return false;
    };
    let owners = [object.owner].into_iter().chain(object.also.iter().copied());
    owners.filter(|owner| !makers.contains(owner)).count() < 2
}

/// The owners of the objects that Flux only makes where they are not there.
fn makers_once(inventory: &Inventory<'_>) -> BTreeMap<ObjectRef, BTreeSet<usize>> {
    const SSA: [&str; 3] = ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/ssa"];
    let mut makers: BTreeMap<ObjectRef, BTreeSet<usize>> = BTreeMap::new();
    for (owner, of_owner) in inventory.owners.iter().enumerate() {
        for applied in &of_owner.evaluated.objects {
            if applied.node.text_at(&SSA) == Some("IfNotPresent") {
                let id = flux_evaluate::flux::object_ref(&applied.node);
                makers.entry(id).or_default().insert(owner);
            }
        }
    }
    makers
}

/// Of more Kustomizations only the first are named.
const MOST: usize = 4;

/// The first names: a component may be in the Kustomizations of all services.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(MOST) {
        None | Some(0) => names.join(", "),
        Some(more) => format!(
            "{} and {} more",
            names.get(..MOST - 1).unwrap_or_default().join(", "),
            more + 1
        ),
    }
}

/// `apps builds clusters/prod/apps`
fn path_of(linker: &Linker<'_>, owner: usize) -> Option<String> {
    let owner = linker
        .inventory
        .owners
        .get(owner)
        .filter(|owner| !owner.suspend)?;
    let path = match owner.evaluated.path.as_str() {
        "" => "the top of its source",
        path => path,
    };
    Some(format!("{} builds {path}", owner.key.as_ref()?))
}

//! `dependency-cycle` by a prerequisite: a Kustomization needs a Namespace, or the definition of a kind, that only another
//! Kustomization applies, which waits for the first.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet};
use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use super::{is_true, kustomization_ref};
use crate::inventory::{HELM, Inventory, Object};

/// One finding for each pair of Kustomizations. `depends_on` returns the objects that one waits for before it applies anything,
/// `waits_for` those that it waits for before it is ready.
pub(super) fn find<'g>(
    inventory: &Inventory<'_>,
    depends_on: &dyn Fn(&ObjectRef) -> &'g [ObjectRef],
    waits_for: &dyn Fn(&ObjectRef) -> &'g [ObjectRef],
) -> Vec<Diagnostic> {
    // The namespaces of Kustomizations exist before these are applied, and a release may create one.
    let owners = inventory.owners.iter();
    let own = owners.filter_map(|owner| owner.evaluated.id.as_ref());
    let own = own.map(|id| id.namespace.as_str()).chain(["flux-system"]);
    let releases = inventory
        .of(HELM, "HelmRelease")
        .map(|release| (release, release.node()));
    let created = releases
        .filter(|(_, node)| is_true(node, &["spec", "install", "createNamespace"]))
        .map(|(release, node)| {
            node.text_at(&["spec", "targetNamespace"])
                .unwrap_or(release.namespace)
        });
    let existing: HashSet<&str> = own.chain(created).collect();
    let namespaces: HashMap<&str, &Object<'_>> = inventory
        .of("", "Namespace")
        .filter(|namespace| !existing.contains(namespace.name))
        .map(|namespace| (namespace.name, namespace))
        .collect();
    let mut definitions: HashMap<(&str, &str), &Object<'_>> = HashMap::new();
    for definition in inventory.of("apiextensions.k8s.io", "CustomResourceDefinition") {
        let text = |path: &[&str]| definition.node().text_at(path).unwrap_or_default();
        let kind = (text(&["spec", "group"]), text(&["spec", "names", "kind"]));
        definitions.insert(kind, definition);
    }
    let mut seen = BTreeSet::new();
    let mut reached: BTreeMap<usize, BTreeSet<&ObjectRef>> = BTreeMap::new();
    let mut findings = Vec::new();
    for object in &inventory.objects {
        if object.applied.generated_by.is_some() {
            continue;
        }
        let needed = [
            namespaces.get(object.namespace),
            definitions.get(&(object.group, object.kind)),
        ];
        for needed in needed.into_iter().flatten() {
            let makes = |owner: usize| needed.owner == owner || needed.also.contains(&owner);
            let is_made = makes(object.owner) || object.also.iter().any(|owner| makes(*owner));
            // If several apply it, any may come first; what a controller makes exists once that has run.
            let is_plain = needed.also.is_empty() && needed.applied.generated_by.is_none();
            if is_made || !is_plain || !seen.insert((object.owner, needed.owner)) {
                continue;
            }
            let local = |owner: usize| {
                let owner = inventory.owners.get(owner);
                owner
                    .filter(|owner| !owner.remote && !owner.suspend)
                    .and_then(kustomization_ref)
            };
            let (Some(user), Some(maker)) = (local(object.owner), local(needed.owner)) else {
                continue;
            };
            let waits = reached
                .entry(needed.owner)
                .or_insert_with(|| closure(depends_on(&maker), waits_for));
            if waits.contains(&user) {
                let thing = needed.object_name();
                let message =
                    format!("{user} needs {thing}, which only {maker} applies, and that waits for {user}");
                findings.push(
                    Diagnostic::warning(codes::DEPENDENCY_CYCLE, message)
                        .at(inventory.source(needed))
                        .on(user.to_string())
                        .hint("on a new cluster neither starts: apply what is needed first, and do not let it wait"),
                );
            }
        }
    }
    findings
}

/// Everything that is waited for, directly or through others.
fn closure<'g>(
    first: &'g [ObjectRef],
    waits_for: &dyn Fn(&ObjectRef) -> &'g [ObjectRef],
) -> BTreeSet<&'g ObjectRef> {
    let mut found: BTreeSet<&ObjectRef> = BTreeSet::new();
    let mut open: Vec<&ObjectRef> = first.iter().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(waits_for(next));
        }
    }
    found
}

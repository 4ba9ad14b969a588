//! `dependency-cycle` of what has to be there first: a Kustomization needs a Namespace, or the definition of a kind, that only one
//! applies which waits for it.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet};
use infra_model::{ObjectRef, codes};
use source_tree::Diagnostic;

use crate::inventory::{HELM, Inventory, Object, Owner};

/// One finding for each two Kustomizations. `depends_on` gives what each waits for before it applies anything, `waits_for` before
/// it is ready.
pub(super) fn find<'g>(
    inventory: &Inventory<'_>,
    depends_on: &dyn Fn(&ObjectRef) -> &'g [ObjectRef],
    waits_for: &dyn Fn(&ObjectRef) -> &'g [ObjectRef],
) -> Vec<Diagnostic> {
    // That of Flux itself is there before it, and a release may make one, too.
    let own = inventory
        .owners
        .iter()
        .filter_map(|owner| owner.evaluated.id.as_ref());
    let own = own.map(|id| id.namespace.as_str()).chain(["flux-system"]);
    let releases = inventory.of(HELM, "HelmRelease").filter_map(|release| {
        let creates = release
            .node()
            .at(&["spec", "install", "createNamespace"])?
            .as_bool()?;
        let target = release.node().text_at(&["spec", "targetNamespace"]);
        creates.then(|| target.unwrap_or(release.namespace))
    });
    let there: HashSet<&str> = own.chain(releases).collect();
    let namespaces: HashMap<&str, &Object<'_>> = inventory
        .of("", "Namespace")
        .filter(|namespace| !there.contains(namespace.name))
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
            // By whom several apply it is not known; what a controller makes is there when that has run.
            let is_plain = needed.also.is_empty() && needed.applied.generated_by.is_none();
            if is_made || !is_plain || !seen.insert((object.owner, needed.owner)) {
                continue;
            }
            let name = |owner: usize| inventory.owners.get(owner).and_then(kustomization);
            let (Some(user), Some(maker)) = (name(object.owner), name(needed.owner)) else {
                continue;
            };
            let waits = reached
                .entry(needed.owner)
                .or_insert_with(|| all(depends_on(&maker), waits_for));
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

/// The name of a Kustomization that applies to this cluster.
fn kustomization(owner: &Owner<'_>) -> Option<ObjectRef> {
    let id = owner.evaluated.id.as_ref();
    let id = id.filter(|_| !owner.remote && !owner.suspend)?;
    Some(ObjectRef::new("Kustomization", &id.namespace, &id.name))
}

/// What is waited for, directly or through others.
fn all<'g>(
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

//! Definitions of a variable for one Kustomization, in order of precedence.

use infra_model::ObjectRef;
use infra_model::config::VariableDefinition;
use source_tree::Mark;

use crate::inventory::{Inventory, Owner};
use crate::linker::Linker;
use crate::view::View;
use flux_evaluate::DefinedIn;

/// The definitions of a variable that a Kustomization reads, the deciding one first: `substitute` wins over `substituteFrom`, of
/// which the last wins
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>).
pub(super) fn definitions(
    linker: &Linker<'_>,
    owner: &Owner<'_>,
    key: &str,
    name: &str,
) -> Vec<VariableDefinition> {
    let inventory = linker.inventory;
    let mut found: Vec<VariableDefinition> = Vec::new();
    let used = owner.evaluated.variable_uses.get(name);
    if let Some(DefinedIn::File(file)) = used.and_then(|used| used.defined_in.as_ref()) {
        found.push(VariableDefinition {
            by: file.clone(),
            ..VariableDefinition::default()
        });
    }
    found.extend(inline(inventory, owner, key, name));
    let namespace = owner.evaluated.id.as_ref().map_or("", |id| &id.namespace);
    for reference in owner.evaluated.substitute_from().iter().rev() {
        let id = ObjectRef::new(&reference.kind, namespace, &reference.name);
        found.extend(of_object(inventory, &id, name).or_else(|| of_maker(linker, &id, name)));
    }
    found
}

/// The definition in an object that is made in the cluster with such a key, without its value.
fn of_maker(linker: &Linker<'_>, id: &ObjectRef, name: &str) -> Option<VariableDefinition> {
    let is_made = linker.made_keys.knows(id, name);
    is_made.then(|| VariableDefinition {
        by: id.to_string(),
        ..VariableDefinition::default()
    })
}

fn inline(inventory: &Inventory<'_>, owner: &Owner<'_>, key: &str, name: &str) -> Option<VariableDefinition> {
    let post_build = owner.evaluated.kustomization.as_ref()?.post_build.as_ref()?;
    let (_, value) = post_build.substitute.iter().find(|(known, _)| known == name)?;
    let object = owner.evaluated.object.as_ref();
    let stated = object.and_then(|object| {
        let path = ["spec", "postBuild", "substitute", name];
        let built = object.built.at(&path).map(|built| built.mark);
        built.or_else(|| object.node.at(&path).map(|node| node.mark))
    });
    Some(VariableDefinition {
        by: format!("Kustomization/{key}"),
        value: Some(shown(name, value)),
        source: stated.and_then(|mark| inventory.place(mark)),
    })
}

fn of_object(inventory: &Inventory<'_>, id: &ObjectRef, name: &str) -> Option<VariableDefinition> {
    let value = inventory.evaluation.variables.sources.get(id)?.values.get(name)?;
    let object = inventory.find("", &id.kind, &id.namespace, &id.name);
    let data = object.map(|object| inventory.view(object));
    let mut fields = ["stringData", "data"].iter();
    let stated = fields.find_map(|field| data?.at(&[field, name]));
    let mark = stated.map_or(Mark::NONE, View::mark);
    Some(VariableDefinition {
        by: id.to_string(),
        value: value.as_deref().map(|value| shown(name, value)),
        source: inventory.place(mark),
    })
}

/// A value, unless it is a credential.
pub(super) fn shown(name: &str, value: &str) -> String {
    match redaction::credential(name, value) {
        Some(_) => redaction::REDACTED.to_owned(),
        None => value.to_owned(),
    }
}

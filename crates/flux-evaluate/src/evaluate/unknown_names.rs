//! Unique names for objects whose names contain unknown variables that are defined differently.
//!
//! Two Kustomizations may each apply `${APP}`, with values from two Secrets that cannot be read here. In the cluster these
//! are two objects. They are shown as `${APP@a}` and `${APP@b}`, after the Kustomizations, in everything that each of them
//! applies, so that references stay right.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::ObjectRef;
use yaml_node::{Node, Value};

use super::unknown_paths::variables;
use crate::{Applied, DefinedIn, Evaluated};

/// The definition of an unknown variable: the object that defines it, or those that may.
type Definer = (Option<DefinedIn>, Vec<ObjectRef>);

/// Renames the unknown variables by which objects of several Kustomizations differ.
pub(super) fn rename_unknown_variables(kustomizations: &mut [Evaluated]) {
    let mut appliers: BTreeMap<(String, ObjectRef), BTreeSet<usize>> = BTreeMap::new();
    for (index, evaluated) in kustomizations.iter().enumerate() {
        let objects = evaluated.objects.iter();
        for object in objects.filter(|object| has_unknown_name(object, evaluated)) {
            let group = crate::flux::api_group(&object.node).to_owned();
            let id = crate::flux::object_ref(&object.node);
            appliers.entry((group, id)).or_default().insert(index);
        }
    }
    let mut renamed: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    for ((_, id), indices) in appliers.iter().filter(|(_, indices)| indices.len() > 1) {
        for variable in variables(&id.namespace).chain(variables(&id.name)) {
            // Kustomizations whose value has the same definition share the object.
            let mut by_definer: BTreeMap<Definer, Vec<(usize, &Evaluated)>> = BTreeMap::new();
            for index in indices {
                if let Some(evaluated) = kustomizations.get(*index) {
                    let group = by_definer.entry(definer(evaluated, variable)).or_default();
                    group.push((*index, evaluated));
                }
            }
            for group in by_definer.values().filter(|_| by_definer.len() > 1) {
                let owner = group.first().and_then(|(_, first)| first.id.as_ref());
                for (index, owner) in group.iter().filter_map(|(index, _)| Some((*index, owner?))) {
                    let names = renamed.entry(index).or_default();
                    names.insert(
                        format!("${{{variable}}}"),
                        format!("${{{variable}@{}}}", owner.name),
                    );
                }
            }
        }
    }
    for (index, names) in &renamed {
        let Some(evaluated) = kustomizations.get_mut(*index) else {
            continue;
        };
        for object in &mut evaluated.objects {
            rename(&mut object.node, names);
            if let Some(name) = replaced(&object.unhashed_name, names) {
                object.unhashed_name = name;
            }
        }
    }
}

/// Whether the name or namespace of an object contains a variable whose value is unknown.
fn has_unknown_name(object: &Applied, evaluated: &Evaluated) -> bool {
    let is_unknown = |name: &str| evaluated.variable_uses.get(name).is_some_and(|used| used.unknown);
    ["name", "namespace"].iter().any(|field| {
        let text = object.node.text_at(&["metadata", field]).unwrap_or_default();
        text.contains("${") && variables(text).any(is_unknown)
    })
}

fn definer(evaluated: &Evaluated, variable: &str) -> Definer {
    match evaluated.variable_uses.get(variable) {
        Some(used) if used.defined_in.is_none() => (None, evaluated.missing.clone()),
        Some(used) => (used.defined_in.clone(), Vec::new()),
        // It comes from a value of the Kustomization's parent.
        None => (None, Vec::new()),
    }
}

fn rename(node: &mut Node, names: &BTreeMap<String, String>) {
    match &mut node.value {
        Value::Scalar(scalar) => {
            if let Some(text) = replaced(&scalar.text, names) {
                scalar.text = text.into();
            }
        }
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(|item| rename(item, names)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                rename(key, names);
                rename(value, names);
            }
        }
    }
}

fn replaced(text: &str, names: &BTreeMap<String, String>) -> Option<String> {
    let mut changed: Option<String> = None;
    for (name, other) in names {
        let current = changed.as_deref().unwrap_or(text);
        if current.contains(name.as_str()) {
            changed = Some(current.replace(name.as_str(), other));
        }
    }
    changed
}

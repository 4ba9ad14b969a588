//! Objects of one name that holds unknown variables, kept apart where the variables are not the same.
//!
//! Two Kustomizations may each apply `${APP}`, with values from two Secrets that nobody can read here. In the cluster these
//! are two objects. They are shown as `${APP@a}` and `${APP@b}`, by the Kustomization, throughout what each applies, so that
//! references stay right.

use std::collections::{BTreeMap, BTreeSet};

use source_tree::ObjectRef;
use yaml_node::{Node, Value};

use super::unknown_paths::variables;
use crate::{Applied, DefinedIn, Evaluated};

/// What decides the value of an unknown variable: what defines it, or the objects that may.
type Definer = (Option<DefinedIn>, Vec<ObjectRef>);

/// Renames the unknown variables by which objects of several Kustomizations differ.
pub(super) fn keep_apart(kustomizations: &mut [Evaluated]) {
    let mut appliers: BTreeMap<(String, ObjectRef), BTreeSet<usize>> = BTreeMap::new();
    for (index, evaluated) in kustomizations.iter().enumerate() {
        for object in evaluated
            .objects
            .iter()
            .filter(|object| is_unknown(object, evaluated))
        {
            let group = crate::flux::api_group(&object.node).to_owned();
            let id = crate::flux::object_ref(&object.node);
            appliers.entry((group, id)).or_default().insert(index);
        }
    }
    let mut renamed: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    for ((_, id), indices) in appliers.iter().filter(|(_, indices)| indices.len() > 1) {
        for variable in variables(&id.namespace).chain(variables(&id.name)) {
            // Those for which one thing decides the value share it.
            let mut first_by_definer: BTreeMap<Definer, usize> = BTreeMap::new();
            for index in indices {
                if let Some(evaluated) = kustomizations.get(*index) {
                    first_by_definer
                        .entry(definer(evaluated, variable))
                        .or_insert(*index);
                }
            }
            if first_by_definer.len() < 2 {
                continue;
            }
            for index in indices {
                let first = kustomizations
                    .get(*index)
                    .and_then(|evaluated| first_by_definer.get(&definer(evaluated, variable)));
                let owner = first.and_then(|first| kustomizations.get(*first)?.id.as_ref());
                if let Some(owner) = owner {
                    let names = renamed.entry(*index).or_default();
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
            object.unhashed_name =
                replaced(&object.unhashed_name, names).unwrap_or_else(|| object.unhashed_name.clone());
        }
    }
}

/// Whether the name or namespace of an object holds a variable whose value is not at hand.
fn is_unknown(object: &Applied, evaluated: &Evaluated) -> bool {
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
        // It comes with a value of the Kustomization's parent.
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

//! Removals by patches: objects, list items and keys.

use foldhash::{HashMap, HashMapExt};
use source_tree::Mark;
use yaml_node::{Node, Value};

use crate::ResId;
use crate::node_edit::raw_text;
use crate::resource::Resource;

/// An object that a patch deletes, or the part that it removes from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The object before the patch.
    pub id: ResId,
    /// Place of the object.
    pub mark: Mark,
    /// The removed part; `None` if the whole object is deleted.
    pub part: Option<RemovedPart>,
    /// The line of the patch.
    pub by: Mark,
}

/// A named item of a list, or a key of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedPart {
    /// The fields that lead to it, joined with dots, without positions in lists: `spec.template.spec.containers`.
    pub path: String,
    /// The item's `name`, or the key.
    pub name: String,
    /// Its place.
    pub mark: Mark,
}

const DIRECTIVE: &str = "$patch";

/// Whether a strategic merge patch may remove anything.
pub(crate) fn has_removal(patch: &Node) -> bool {
    match &patch.value {
        Value::Scalar(_) => patch.is_null(),
        Value::Sequence(items) => items.iter().any(has_removal),
        Value::Mapping(mapping) => mapping
            .iter()
            .any(|(key, value)| key == DIRECTIVE || has_removal(value)),
    }
}

/// The removals of a strategic merge patch. `after` is the patched object, if it still exists.
pub(crate) fn from_merge(before: &Resource, patch: &Node, after: Option<&Resource>) -> Vec<Removal> {
    let removal = |part, by| Removal {
        id: before.current_id(),
        mark: before.origin.mark,
        part,
        by,
    };
    let Some(after) = after.filter(|after| !after.is_empty()) else {
        let directive = patch.get(DIRECTIVE).map(|word| word.mark);
        let by = directive.filter(|mark| mark.is_some()).unwrap_or(patch.mark);
        return vec![removal(None, by)];
    };
    let mut parts = Vec::new();
    compare(
        &before.node,
        patch,
        Some(&after.node),
        &mut Vec::new(),
        &mut parts,
    );
    parts
        .into_iter()
        .map(|(part, by)| removal(Some(part), by))
        .collect()
}

/// The removals of a JSON patch, each with the line of its operation.
pub(crate) fn from_json_patch(
    before: &Resource,
    parts: Vec<(RemovedPart, Mark)>,
) -> impl Iterator<Item = Removal> {
    parts.into_iter().map(|(part, by)| Removal {
        id: before.current_id(),
        mark: before.origin.mark,
        part: Some(part),
        by,
    })
}

/// Compares the object before and after a patch in the fields that the patch mentions.
fn compare<'n>(
    before: &'n Node,
    patch: &'n Node,
    after: Option<&'n Node>,
    path: &mut Vec<&'n str>,
    parts: &mut Vec<(RemovedPart, Mark)>,
) {
    match (&before.value, &patch.value) {
        (Value::Mapping(before), Value::Mapping(patch)) => {
            for (key, value) in patch.iter() {
                let (Some(old), new) = (before.get(key), after.and_then(|after| after.get(key))) else {
                    continue;
                };
                path.push(key);
                match new {
                    None => {
                        let directive = value.get(DIRECTIVE).map_or(value.mark, |word| word.mark);
                        path.pop();
                        parts.extend(parts_of_key(path, key, old).map(|part| (part, directive)));
                        continue;
                    }
                    Some(new) => compare(old, value, Some(new), path, parts),
                }
                path.pop();
            }
        }
        (Value::Sequence(_), Value::Sequence(_)) => {
            let (old, new) = (by_name(before), after.map(by_name).unwrap_or_default());
            let directive = patch.items().iter().find_map(|item| match name(item) {
                None => item.get(DIRECTIVE),
                Some(_) => None,
            });
            if let Some(directive) = directive {
                for item in before.items() {
                    if let Some(name) = name(item).filter(|name| !new.contains_key(name)) {
                        parts.push((removed_part(path, name, item.mark), directive.mark));
                    }
                }
                return;
            }
            for item in patch.items() {
                let Some((name, old)) = name(item).and_then(|name| Some((name, old.get(name)?))) else {
                    continue;
                };
                match new.get(name) {
                    None => {
                        let by = item.get(DIRECTIVE).map_or(item.mark, |word| word.mark);
                        parts.push((removed_part(path, name, old.mark), by));
                    }
                    Some(new) => compare(old, item, Some(new), path, parts),
                }
            }
        }
        _ => {}
    }
}

/// The parts of a removed key: the named items of its value if there are any, else the key.
fn parts_of_key<'n>(path: &[&'n str], key: &'n str, old: &'n Node) -> impl Iterator<Item = RemovedPart> {
    let inner: Vec<&str> = path.iter().copied().chain([key]).collect();
    let items = old.items().iter();
    let mut parts: Vec<RemovedPart> = items
        .filter_map(|item| Some(removed_part(&inner, name(item)?, item.mark)))
        .collect();
    if path.is_empty() && old.as_mapping().is_some() {
        parts.extend(
            old.iter()
                .map(|(key, value)| removed_part(&inner, key, value.mark)),
        );
    }
    if parts.is_empty() {
        parts.push(removed_part(path, key, old.mark));
    }
    parts.into_iter()
}

pub(crate) fn removed_part(path: &[&str], name: &str, mark: Mark) -> RemovedPart {
    RemovedPart {
        path: path.join("."),
        name: name.to_owned(),
        mark,
    }
}

fn by_name(list: &Node) -> HashMap<&str, &Node> {
    let mut items = HashMap::with_capacity(list.items().len());
    for item in list.items() {
        if let Some(name) = name(item) {
            items.entry(name).or_insert(item);
        }
    }
    items
}

fn name(item: &Node) -> Option<&str> {
    item.get("name").map(raw_text).filter(|name| !name.is_empty())
}

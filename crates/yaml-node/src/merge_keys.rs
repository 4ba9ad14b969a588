//! Merge keys `<<`, as kustomize expands them when it loads a resource.

use std::collections::{HashMap, HashSet};

use crate::{Lost, Mapping, Node, Places, ReadError, Sequence, Tag, Value};

/// Expands every `<<` of a tree. Explicit keys win over merged ones, earlier sources over later ones. A quoted `<<` is
/// removed too if it is the only one or the first.
///
/// A null key that is spelled `~` or `null` is duplicated: kustomize's expansion does not find it again, and so
/// kustomize refuses the resource when it prints it.
///
/// # Errors
/// If one mapping has two plain `<<`, or if the value of one is neither a mapping nor a list of mappings.
pub fn expand_merges(node: &mut Node) -> Result<(), ReadError> {
    if let Some(expanded) = Expansion::default().expand(node)? {
        *node = expanded;
    }
    Ok(())
}

/// Expands shared nodes once, so that nested aliases cost no more than in the source.
#[derive(Default)]
struct Expansion {
    seen: HashMap<usize, Option<Node>>,
}

impl Expansion {
    /// The expanded tree; `None` if there is nothing to expand.
    fn expand(&mut self, node: &Node) -> Result<Option<Node>, ReadError> {
        let shared = node.shared();
        if let Some(seen) = shared.and_then(|address| self.seen.get(&address)) {
            return Ok(seen.clone());
        }
        let value = match &node.value {
            Value::Scalar(_) => None,
            Value::Sequence(items) => self.expand_items(items)?.map(Value::Sequence),
            Value::Mapping(mapping) => self.expand_entries(mapping)?.map(Value::Mapping),
        };
        let expanded = value.map(|value| Node {
            value,
            mark: match Places::has(node.mark) && has_nested_merge(node) {
                true => Lost::NestedMerge.mark(),
                false => node.mark,
            },
        });
        if let Some(address) = shared {
            self.seen.insert(address, expanded.clone());
        }
        Ok(expanded)
    }

    fn expand_items(&mut self, items: &Sequence) -> Result<Option<Sequence>, ReadError> {
        let mut changed: Option<Sequence> = None;
        for (index, item) in items.iter().enumerate() {
            if let Some(expanded) = self.expand(item)? {
                let changed = changed.get_or_insert_with(|| items.clone());
                if let Some(item) = changed.items_mut().get_mut(index) {
                    *item = expanded;
                }
            }
        }
        Ok(changed)
    }

    fn expand_entries(&mut self, mapping: &Mapping) -> Result<Option<Mapping>, ReadError> {
        let mut changed: Option<Mapping> = None;
        let mut affected = false;
        for (index, (key, value)) in mapping.entries().iter().enumerate() {
            affected |= is_expanded(key);
            let (new_key, new_value) = (self.expand(key)?, self.expand(value)?);
            if new_key.is_none() && new_value.is_none() {
                continue;
            }
            let changed = changed.get_or_insert_with(|| mapping.clone());
            if let Some((key, value)) = changed.entries_mut().get_mut(index) {
                *key = new_key.unwrap_or_else(|| key.clone());
                *value = new_value.unwrap_or_else(|| value.clone());
            }
        }
        if affected {
            let mut merged = changed.unwrap_or_else(|| mapping.clone());
            merge_into(&mut merged)?;
            return Ok(Some(merged));
        }
        Ok(changed)
    }
}

/// Whether a mapping merges one that has a merge key itself, which kustomize does not expand first.
fn has_nested_merge(node: &Node) -> bool {
    let merges = |node: &Node| {
        let entries = node.as_mapping().map_or(&[][..], Mapping::entries);
        entries.iter().any(|(key, _)| is_merge(key))
    };
    let entries = node.as_mapping().map_or(&[][..], Mapping::entries);
    entries
        .iter()
        .filter(|(key, _)| is_merge(key))
        .any(|(_, value)| merges(value) || value.items().iter().any(merges))
}

/// Whether the mapping of a key is changed by [`expand_merges`].
#[inline]
pub(crate) fn is_expanded(key: &Node) -> bool {
    is_merge_text(key) || is_named_null(key)
}

#[inline]
fn is_merge_text(key: &Node) -> bool {
    key.text() == Some("<<")
}

fn is_merge(key: &Node) -> bool {
    key.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Merge)
}

#[inline]
fn is_named_null(key: &Node) -> bool {
    key.is_null() && key.text() != Some("")
}

/// Replaces the `<<` of one mapping whose values are already expanded.
fn merge_into(mapping: &mut Mapping) -> Result<(), ReadError> {
    let mut source: Option<&Node> = None;
    for (key, value) in mapping.entries() {
        if is_merge(key) {
            if source.is_some() {
                return Err(ReadError::new(key.mark, "duplicate merge key"));
            }
            source = Some(value);
        }
    }
    let sources = source.map(mappings).transpose()?.unwrap_or_default();
    let merged = merged_entries(&sources, mapping);
    let entries = mapping.entries_mut();
    // kustomize removes the first key with this text, quoted or not.
    if let Some(first) = entries.iter().position(|(key, _)| is_merge_text(key)) {
        entries.remove(first);
    }
    entries.retain(|(key, _)| !is_merge(key));
    let nulls: Vec<_> = entries
        .iter()
        .filter(|(key, _)| is_named_null(key))
        .cloned()
        .collect();
    entries.extend(merged);
    entries.extend(nulls);
    Ok(())
}

/// The entries that are added to a mapping. kustomize goes through the sources from the last to the first; a repeated
/// key gets a new value and keeps its position.
fn merged_entries(sources: &[&Mapping], into: &Mapping) -> Vec<(Node, Node)> {
    let mut merged: Vec<(Node, Node)> = Vec::new();
    if sources.is_empty() {
        return merged;
    }
    let own: HashSet<&str> = into.entries().iter().filter_map(|(key, _)| key.text()).collect();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for source in sources.iter().rev() {
        let mut seen = HashSet::new();
        for (key, value) in source.entries() {
            let entry = (key.clone(), value.clone());
            let Some(text) = key.text() else {
                merged.push(entry);
                continue;
            };
            if is_merge_text(key) || own.contains(text) || !seen.insert(text) {
                continue;
            }
            match positions.get(text).and_then(|at| merged.get_mut(*at)) {
                Some(known) => *known = entry,
                None => {
                    positions.insert(text, merged.len());
                    merged.push(entry);
                }
            }
        }
    }
    merged
}

/// The mappings under a merge key, those that win first.
fn mappings<'a>(source: &'a Node) -> Result<Vec<&'a Mapping>, ReadError> {
    let want_map = |node: &Node| {
        ReadError::new(
            node.mark,
            "map merge requires map or sequence of maps as the value",
        )
    };
    match &source.value {
        Value::Mapping(mapping) => Ok(vec![mapping]),
        Value::Sequence(items) => {
            let mapping = |item: &'a Node| match &item.value {
                Value::Mapping(mapping) => Ok(mapping),
                Value::Sequence(_) => Err(ReadError::new(
                    item.mark,
                    "invalid map merge: received a nested sequence",
                )),
                Value::Scalar(_) => Err(want_map(item)),
            };
            items.iter().map(mapping).collect()
        }
        Value::Scalar(_) => Err(want_map(source)),
    }
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};

    use super::*;
    use crate::{read_documents, to_go_json};

    fn expand(text: &str) -> Result<String, String> {
        let mut documents = read_documents(text, FileId::NONE, &Limits::default()).unwrap();
        expand_merges(&mut documents[0]).map_err(|error| error.to_string())?;
        Ok(to_go_json(&documents[0]).unwrap())
    }

    #[test]
    fn explicit_keys_win_then_earlier_sources() {
        assert_eq!(
            expand("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\n").unwrap(),
            r#"{"a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"x":1,"y":1,"z":3}}"#
        );
    }

    #[test]
    fn only_mappings_can_be_merged() {
        let want_map = "map merge requires map or sequence of maps as the value";
        assert_eq!(expand("a: {<<: 1}").unwrap_err(), want_map);
        assert_eq!(expand("a: {<<: [1]}").unwrap_err(), want_map);
        assert_eq!(
            expand("a: {<<: [[{b: 1}]]}").unwrap_err(),
            "invalid map merge: received a nested sequence"
        );
        assert_eq!(
            expand("a: {<<: {b: 1}, <<: {c: 1}}").unwrap_err(),
            "duplicate merge key"
        );
    }

    #[test]
    fn mappings_without_merge_keys_stay_shared() {
        let documents = read_documents(
            "a: &a {b: [1]}\nc: *a\nd: {<<: *a}\n",
            FileId::NONE,
            &Limits::default(),
        );
        let mut node = documents.unwrap().remove(0);
        let before = node.get("a").and_then(Node::shared);
        expand_merges(&mut node).unwrap();
        let after = node.get("c").and_then(Node::shared);
        assert!(before.is_some());
        assert_eq!(before, after);
    }
}

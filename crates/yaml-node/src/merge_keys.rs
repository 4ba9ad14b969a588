//! Merge keys `<<` turn into the keys that they stand for, as kustomize expands them when it loads a resource.

use smol_str::SmolStr;

use crate::{Mapping, Node, ReadError, Tag, Value};

/// Expands every `<<` of a tree. Explicit keys win over merged ones, earlier sources over later ones; every key `<<` is
/// gone afterwards, also a quoted one.
///
/// # Errors
/// Where a plain `<<` stands twice in one mapping, or its value is no mapping and no list of mappings.
pub fn expand_merges(node: &mut Node) -> Result<(), ReadError> {
    if !has_merge(node) {
        return Ok(());
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for item in items.items_mut() {
                expand_merges(item)?;
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                expand_merges(key)?;
                expand_merges(value)?;
            }
            expand_mapping(mapping)?;
        }
    }
    Ok(())
}

fn has_merge(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(has_merge),
        Value::Mapping(mapping) => mapping
            .entries()
            .iter()
            .any(|(key, value)| is_merge_text(key) || has_merge(key) || has_merge(value)),
    }
}

/// Whether this is a key that goes away.
pub(crate) fn is_merge_text(key: &Node) -> bool {
    key.text() == Some("<<")
}

/// Expands the `<<` of one mapping whose values are expanded already.
pub(crate) fn expand_mapping(mapping: &mut Mapping) -> Result<(), ReadError> {
    let mut source: Option<&Node> = None;
    for (key, value) in mapping.entries() {
        if key.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Merge) {
            if source.is_some() {
                return Err(refuse(key, "duplicate merge key"));
            }
            source = Some(value);
        }
    }
    let mut merged: Vec<(Node, Node)> = Vec::new();
    if let Some(source) = source {
        collect(source, &mut merged)?;
    }
    let entries = mapping.entries_mut();
    entries.retain(|(key, _)| !is_merge_text(key));
    if merged.is_empty() {
        return Ok(());
    }
    let mut seen: std::collections::HashSet<SmolStr> = entries
        .iter()
        .filter_map(|(key, _)| key.text().map(SmolStr::from))
        .collect();
    for (key, value) in merged {
        if is_merge_text(&key) || key.text().is_some_and(|text| !seen.insert(text.into())) {
            continue;
        }
        entries.push((key, value));
    }
    Ok(())
}

fn collect(source: &Node, merged: &mut Vec<(Node, Node)>) -> Result<(), ReadError> {
    match &source.value {
        Value::Mapping(mapping) => merged.extend(mapping.entries().iter().cloned()),
        Value::Sequence(items) => {
            for item in items.iter() {
                match &item.value {
                    Value::Mapping(mapping) => merged.extend(mapping.entries().iter().cloned()),
                    Value::Sequence(_) => {
                        return Err(refuse(item, "invalid map merge: received a nested sequence"));
                    }
                    Value::Scalar(_) => {
                        return Err(refuse(
                            item,
                            "map merge requires map or sequence of maps as the value",
                        ));
                    }
                }
            }
        }
        Value::Scalar(_) => {
            return Err(refuse(
                source,
                "map merge requires map or sequence of maps as the value",
            ));
        }
    }
    Ok(())
}

fn refuse(node: &Node, message: &str) -> ReadError {
    ReadError::new(node.mark, message)
}

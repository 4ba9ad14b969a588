//! Merge keys `<<` turn into the keys that they stand for, as kustomize expands them when it loads a resource.

use std::collections::HashSet;

use smol_str::SmolStr;

use crate::{Mapping, Node, ReadError, Tag, Value};

/// Expands every `<<` of a tree. Explicit keys win over merged ones, earlier sources over later ones; every key `<<` is
/// gone afterwards, also a quoted one.
///
/// A key that is null, spelled `~` or `null`, is there twice afterwards: kustomize's expansion does not find it again,
/// and so refuses the resource when it prints it.
///
/// # Errors
/// Where a plain `<<` stands twice in one mapping, or its value is no mapping and no list of mappings.
pub fn expand_merges(node: &mut Node) -> Result<(), ReadError> {
    if !is_affected(node) {
        return Ok(());
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.items_mut().iter_mut().try_for_each(expand_merges)?,
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

/// Whether a tree has a key that the expansion changes. Others stay shared.
fn is_affected(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(is_affected),
        Value::Mapping(mapping) => mapping.entries().iter().any(|(key, value)| {
            is_merge_text(key) || is_named_null(key) || is_affected(key) || is_affected(value)
        }),
    }
}

fn is_merge_text(key: &Node) -> bool {
    key.text() == Some("<<")
}

fn is_named_null(key: &Node) -> bool {
    key.is_null() && key.text() != Some("")
}

/// Expands one mapping whose values are expanded already.
fn expand_mapping(mapping: &mut Mapping) -> Result<(), ReadError> {
    let mut source: Option<&Node> = None;
    for (key, value) in mapping.entries() {
        if key.as_scalar().is_some_and(|scalar| scalar.tag == Tag::Merge) {
            if source.is_some() {
                return Err(ReadError::new(key.mark, "duplicate merge key"));
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
    let nulls: Vec<_> = entries
        .iter()
        .filter(|(key, _)| is_named_null(key))
        .cloned()
        .collect();
    if !merged.is_empty() {
        let texts = entries
            .iter()
            .filter_map(|(key, _)| key.text().map(SmolStr::from));
        let mut seen: HashSet<SmolStr> = texts.collect();
        entries.extend(merged.into_iter().filter(|(key, _)| {
            !is_merge_text(key) && key.text().is_none_or(|text| seen.insert(text.into()))
        }));
    }
    entries.extend(nulls);
    Ok(())
}

/// The entries that a merge key stands for, those that win first.
fn collect(source: &Node, merged: &mut Vec<(Node, Node)>) -> Result<(), ReadError> {
    let want_map = |node: &Node| {
        ReadError::new(
            node.mark,
            "map merge requires map or sequence of maps as the value",
        )
    };
    match &source.value {
        Value::Mapping(mapping) => merged.extend_from_slice(mapping.entries()),
        Value::Sequence(items) => {
            for item in items.iter() {
                match &item.value {
                    Value::Mapping(mapping) => merged.extend_from_slice(mapping.entries()),
                    Value::Sequence(_) => {
                        return Err(ReadError::new(
                            item.mark,
                            "invalid map merge: received a nested sequence",
                        ));
                    }
                    Value::Scalar(_) => return Err(want_map(item)),
                }
            }
        }
        Value::Scalar(_) => return Err(want_map(source)),
    }
    Ok(())
}

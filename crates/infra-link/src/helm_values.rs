//! Effective values of HelmReleases with their marks, as far as they are known: the merge of `helm_release::chart_values` over
//! trees that keep file and line. Both must agree.
//!
//! Rules: <https://fluxcd.io/flux/components/helm/helmreleases/#values>.

use flux_evaluate::flux::ValuesReference;
use flux_evaluate::{ValuePath, ValueStep};
use kustomize_build::Sources;
use yaml_node::{Node, Value, read_documents};

use crate::crossplane::EmbeddedObjects;
use crate::helm_target_path::{parse_target_path, set_at, typed_scalar};
use crate::inventory::{Inventory, Object};
use crate::text_place::TextPlace;
use crate::view::View;

/// Values of a release.
#[derive(Clone, Debug)]
pub(crate) struct EffectiveValues {
    /// Merged; an empty mapping if there are none. Each scalar has the mark of the line that decides it.
    pub(crate) node: Node,
}

/// The effective values of a HelmRelease.
pub(crate) fn effective_values<'a>(
    inventory: &Inventory<'a>,
    embedded: &EmbeddedObjects<'a>,
    object: &Object<'a>,
    values_from: &[ValuesReference],
) -> EffectiveValues {
    let layers = values_from
        .iter()
        .filter_map(|reference| layer(inventory, embedded, object, reference));
    EffectiveValues {
        node: merged(inventory, object, layers),
    }
}

/// The layers below the inline values, merged.
fn merged<'a>(inventory: &Inventory<'a>, object: &Object<'a>, layers: impl Iterator<Item = Layer>) -> Node {
    let mut inline = inventory
        .view(object)
        .at(&["spec", "values"])
        .map_or_else(Node::empty_mapping, marked);
    let mut result = Node::empty_mapping();
    for layer in layers {
        match layer {
            Layer::At(path, scalar) => apply_target_path(&mut result, &mut inline, &path, scalar),
            Layer::Values(values) => merge(&mut result, &values),
        }
    }
    merge(&mut result, &inline);
    result
}

/// Placeholder for the value of a Secret.
pub(crate) const OF_SECRET: &str = "(not known)";

/// As [`effective_values`], with [`OF_SECRET`] for a value that a Secret sets at a path.
pub(crate) fn values_with_secrets<'a>(
    inventory: &Inventory<'a>,
    embedded: &EmbeddedObjects<'a>,
    object: &Object<'a>,
    values_from: &[ValuesReference],
) -> Node {
    let layers = values_from.iter().filter_map(|reference| {
        if reference.kind != "Secret" {
            return layer(inventory, embedded, object, reference);
        }
        let path = parse_target_path(reference.target_path.as_deref()?)?;
        let scalar = Node::str(OF_SECRET).with_mark(reference.name_mark);
        Some(Layer::At(path, scalar))
    });
    merged(inventory, object, layers)
}

/// The values of an entry of `valuesFrom`.
pub(crate) enum Layer {
    /// Values to merge.
    Values(Node),
    /// A scalar at a path.
    At(ValuePath, Node),
}

/// The values that a ConfigMap of `valuesFrom` gives to a HelmRelease. Secrets are never read.
pub(crate) fn layer<'a>(
    inventory: &Inventory<'a>,
    embedded: &EmbeddedObjects<'a>,
    object: &Object<'a>,
    reference: &ValuesReference,
) -> Option<Layer> {
    if reference.kind != "ConfigMap" {
        return None;
    }
    let (name, key) = (reference.name.as_str(), reference.key());
    // No generated ConfigMap has its name without the hash suffix.
    let config_map = inventory
        .find("", "ConfigMap", object.namespace, name)
        .map(|object| inventory.view(object))
        .or_else(|| Some(embedded.find("ConfigMap", object.namespace, name)?.manifest));
    let value = config_map?.at(&["data", key])?;
    let text = value.text()?;
    match reference.target_path.as_deref() {
        Some(path) => {
            let scalar = match reference.literal {
                true => Node::str(text),
                false => typed_scalar(text),
            };
            let scalar = scalar.with_mark(value.mark());
            Some(Layer::At(parse_target_path(path)?, scalar))
        }
        None => read_values(&inventory.evaluation.sources, value, text).map(Layer::Values),
    }
}

// Flux merges the inline values before it sets the path, and again at the end: a nested path that the inline values
// share survives, a top-level key that they set does not.
fn apply_target_path(result: &mut Node, inline: &mut Node, path: &ValuePath, value: Node) {
    let shared = match path.0.as_slice() {
        [ValueStep::Key(first), _, ..] => result.get(first).is_none() && inline.get(first).is_some(),
        _ => false,
    };
    merge(result, inline);
    set_at(result, &path.0, value.clone());
    if shared {
        set_at(inline, &path.0, value);
    }
}

/// Reads the values file in a ConfigMap's value, with the marks of the lines in the file that has the text.
fn read_values(sources: &Sources, value: View<'_>, text: &str) -> Option<Node> {
    let mark = value.mark();
    let documents = read_documents(text, mark.file, sources.limits()).ok()?;
    let mut values = documents.into_iter().next()?;
    let place = TextPlace::new(sources, value);
    let shift = place.first().line.saturating_sub(1);
    set_lines(&mut values, &|line| match place.is_on_one_line {
        true => mark.line,
        false => line.saturating_add(shift),
    });
    yaml_node::expand_merges(&mut values).ok()?;
    values.as_mapping().is_some().then_some(values)
}

fn set_lines(node: &mut Node, of: &dyn Fn(u32) -> u32) {
    node.mark.line = of(node.mark.line);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(|item| set_lines(item, of)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                key.mark.line = of(key.mark.line);
                set_lines(value, of);
            }
        }
    }
}

/// A tree as applied, with the marks of the tree as built in the parts that have the same structure.
fn marked(view: View<'_>) -> Node {
    fn copy(node: &mut Node, built: &Node) {
        if built.mark.is_some() {
            node.mark = built.mark;
        }
        match (&mut node.value, &built.value) {
            (Value::Sequence(items), Value::Sequence(built)) if items.len() == built.len() => {
                for (item, built) in items.items_mut().iter_mut().zip(built.iter()) {
                    copy(item, built);
                }
            }
            (Value::Mapping(mapping), Value::Mapping(built)) => {
                for (key, value) in mapping.entries_mut() {
                    if let Some(built) = key.text().and_then(|key| built.get(key)) {
                        copy(value, built);
                    }
                }
            }
            _ => {}
        }
    }
    let mut node = view.node.clone();
    match view.built {
        // Nothing was substituted.
        Some(built) if *built == node => {}
        Some(built) => copy(&mut node, built),
        None => {}
    }
    node
}

/// Merges `over` into `base`: mappings are merged, everything else is replaced.
pub(crate) fn merge(base: &mut Node, over: &Node) {
    let (Value::Mapping(map), Value::Mapping(from)) = (&mut base.value, &over.value) else {
        *base = over.clone();
        return;
    };
    if map.is_empty() {
        *base = over.clone();
        return;
    }
    for (key, value) in from.entries() {
        let Some(text) = key.text() else {
            continue;
        };
        match map.get_mut(text) {
            Some(known) if known.as_mapping().is_some() && value.as_mapping().is_some() => {
                merge(known, value)
            }
            _ => map.insert(text, value.clone()),
        }
    }
}

/// Calls `found` for every scalar below a node with the keys that lead to it; list positions are left out. The key of
/// the value in `{name, value}` is the name.
pub(crate) fn walk_scalars<'n>(node: &'n Node, found: &mut dyn FnMut(&[&'n str], &'n Node)) {
    fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, found: &mut dyn FnMut(&[&'n str], &'n Node)) {
        match &node.value {
            Value::Scalar(_) => found(path, node),
            Value::Sequence(items) => items.iter().for_each(|item| walk(item, path, found)),
            Value::Mapping(mapping) => {
                for (key, value) in mapping.iter() {
                    let name = || mapping.get("name")?.as_str().filter(|name| !name.is_empty());
                    let name = (key == "value").then(name).flatten();
                    path.push(name.unwrap_or(key));
                    walk(value, path, found);
                    path.pop();
                }
            }
        }
    }
    walk(node, &mut Vec::new(), found);
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    fn read(text: &str) -> Node {
        read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0)
    }

    #[test]
    fn mappings_merge_and_lists_are_replaced() {
        let mut base = read("a: {b: 1, c: [1, 2]}\nd: 4\n");
        merge(&mut base, &read("a: {c: [3], e: 5}\nd: {f: 6}\n"));
        assert!(base.same_value(&read("a: {b: 1, c: [3], e: 5}\nd: {f: 6}\n")));
    }

    #[test]
    fn a_target_path_beats_nested_inline_values_only() {
        let mut result = Node::empty_mapping();
        let mut inline = read("a: {b: inline}\ntop: inline\n");
        for path in ["a.b", "top", "new.key"] {
            let path = parse_target_path(path).unwrap();
            apply_target_path(&mut result, &mut inline, &path, Node::str("path"));
        }
        merge(&mut result, &inline);
        assert!(result.same_value(&read("a: {b: path}\ntop: inline\nnew: {key: path}\n")));
    }
}

//! Application of parsed patches to their objects.
//!
//! Rules: `ApplySmPatch` in
//! <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/resource/resource.go> and
//! <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/resmap/reswrangler.go>.

use std::collections::BTreeMap;

use smol_str::SmolStr;
use source_tree::{Limits, Mark};
use yaml_node::{Lost, Mapping, Node, Tag, Value};

use crate::json6902::JsonPatch;
use crate::node_edit::{self, raw_text, set_entry, text_or_empty, untyped};
use crate::resource::{Resource, is_nil_or_empty};
use crate::schema::Schema;
use crate::syntax::Syntax;
use crate::{BuildError, RemovedPart, ResMap};
use crate::{removals, strategic_merge};

/// Merges a patch into one object. The object keeps its apiVersion and namespace, and also name and kind unless the
/// patch may change them.
///
/// # Errors
/// [`BuildError::Patch`] if the patch does not fit.
pub(super) fn merge(
    resource: &mut Resource,
    patch: &Resource,
    schema: &mut Schema,
) -> Result<(), BuildError> {
    let prepared = schema.prepare();
    prepared.map_err(|message| BuildError::transformer(message).at(patch.origin.mark))?;
    let old = resource.node.clone();
    if patch.allow_name_change || patch.allow_kind_change {
        resource.store_previous_id();
    }
    resource.edit_node(|node| {
        let merged = strategic_merge::merge(&patch.node, node, schema).map_err(|error| {
            BuildError::patch(error.to_string())
                .at(error.mark())
                .at(patch.origin.mark)
        })?;
        *node = merged.unwrap_or_else(Node::null);
        Ok::<(), BuildError>(())
    })?;
    if resource.is_empty() {
        return Ok(());
    }
    if let Some(lost) = Lost::of(patch.node.mark).filter(|_| resource.has_syntax()) {
        resource.node.mark = lost.mark();
    }
    resource.shared.follow_patch(&mut resource.node, &patch.node);
    resource.remember_overridden(&old);
    if !patch.allow_kind_change {
        keep(resource.node.as_mapping_mut(), "kind", old.get("kind"));
    }
    let old_metadata = old.get("metadata");
    let old_field = |field: &str| old_metadata.and_then(|metadata| metadata.get(field));
    if !patch.allow_name_change {
        keep(resource.metadata_mut(), "name", old_field("name"));
    }
    let old_namespace = old_field("namespace").filter(|namespace| !text_or_empty(namespace).is_empty());
    if old_namespace.is_none() {
        resource.set_namespace("", Mark::NONE);
    } else {
        keep(resource.metadata_mut(), "namespace", old_namespace);
    }
    Ok(())
}

// Restores the old text of a field, without its type because the style may have changed.
fn keep(mapping: Option<&mut Mapping>, key: &str, old: Option<&Node>) {
    if let Some(mapping) = mapping {
        let text = old.map(raw_text).unwrap_or_default();
        set_entry(
            mapping,
            key,
            untyped(text, old.map(|old| old.mark).unwrap_or_default()),
        );
    }
}

/// Merges a patch into the objects at some indexes, then removes the objects that it deletes.
///
/// Labels and annotations in the patch become texts, even nulls.
///
/// # Errors
/// As [`merge`], and [`BuildError::Resource`] if two objects get the same id.
pub(super) fn merge_into_selected(
    map: &mut ResMap,
    selected: &[usize],
    patch: &Resource,
    schema: &mut Schema,
) -> Result<(), BuildError> {
    let patch = as_texts(patch);
    for index in selected {
        spend_merge(map, *index, &patch.node)?;
        noting_removals(map, *index, &patch.node, |map| {
            map.update(*index, |resource| {
                let mut patch = patch.clone();
                // With the object's own apiVersion, the patch cannot change it.
                patch.set_api_version(resource.gvk().api_version(), Mark::NONE);
                merge(resource, &patch, schema)
            })
        })?;
    }
    map.check_unique_at(selected)?;
    if selected
        .iter()
        .any(|index| map.get(*index).is_some_and(Resource::is_empty))
    {
        map.drop_empties();
    }
    Ok(())
}

/// Merges a patch into the object at an index and notes the removed parts.
///
/// # Errors
/// The errors of the merge.
pub(super) fn noting_removals<T>(
    map: &mut ResMap,
    index: usize,
    patch: &Node,
    merge: impl FnOnce(&mut ResMap) -> Result<T, BuildError>,
) -> Result<T, BuildError> {
    let before = removals::has_removal(patch).then(|| map.get(index).cloned());
    let result = merge(map)?;
    if let Some(before) = before.flatten() {
        let removed = removals::from_merge(&before, patch, map.get(index));
        map.note_removals(removed);
    }
    Ok(result)
}

/// Charges the budget for merging a patch into the object at an index: both are visited, and the object may grow by the
/// patch.
///
/// # Errors
/// [`BuildError::Limit`] if the budget is used up.
pub(super) fn spend_merge(map: &mut ResMap, index: usize, patch: &Node) -> Result<(), BuildError> {
    let object = map.get(index).map_or(0, |resource| resource.node.weight());
    let weight = patch.weight();
    map.spend(object)?;
    map.add_weight(weight)?;
    map.grow_tree(weight)
}

fn as_texts(patch: &Resource) -> Resource {
    let mut patch = patch.clone();
    if patch.has_syntax() {
        patch.rewrite_labels();
        patch.rewrite_annotations([]);
        let (name, namespace) = (SmolStr::new(patch.name()), SmolStr::new(patch.namespace()));
        patch.set_name(name, Mark::NONE);
        patch.set_namespace(namespace, Mark::NONE);
        patch.set_kind(SmolStr::new(patch.kind()), Mark::NONE);
        return patch;
    }
    for field in ["labels", "annotations"] {
        let Some(metadata) = patch.metadata_mut() else {
            continue;
        };
        match metadata.get(field).map(texts) {
            Some(texts) if texts.is_empty() => {
                metadata.remove(field);
            }
            Some(texts) => metadata.insert(field, Node::new(Value::Mapping(node_edit::texts(texts)))),
            None => {}
        }
    }
    patch
}

// The entries of a mapping, sorted, with values as texts. The last of equal keys counts.
fn texts(node: &Node) -> BTreeMap<&str, Node> {
    let text = |value: &Node| Node::scalar(raw_text(value), Tag::Str).with_mark(value.mark);
    node.iter().map(|(key, value)| (key, text(value))).collect()
}

/// How many times a JSON patch visits all of an object, for the conversion to JSON and back.
const JSON_STEPS: usize = 3;

/// Charges the budget for applying a JSON patch to the object at an index, which converts all of it.
///
/// # Errors
/// [`BuildError::Limit`] if the budget is used up.
pub(super) fn spend_json(map: &ResMap, index: usize, patch: &JsonPatch) -> Result<(), BuildError> {
    let object = map.get(index).map_or(0, |resource| resource.node.weight());
    map.spend(object.saturating_add(patch.steps()).saturating_mul(JSON_STEPS))?;
    map.grow_tree(patch.weight())
}

/// Applies a JSON patch to the object at an index and notes the removed parts.
///
/// # Errors
/// As [`apply_json`].
pub(super) fn apply_json_at(
    map: &mut ResMap,
    index: usize,
    patch: &JsonPatch,
    (limits, syntax): (&Limits, &Syntax),
    prepare: impl FnOnce(&mut Resource),
) -> Result<(), BuildError> {
    let before = map.get(index).cloned();
    let mut removed = Vec::new();
    map.update(index, |resource| {
        prepare(resource);
        apply_json(resource, patch, (limits, syntax), &mut removed)
    })?;
    if let Some(before) = before {
        map.note_removals(removals::from_json_patch(&before, removed));
    }
    Ok(())
}

/// Applies a JSON patch to one object, whose history stays even if the patch removes annotations.
///
/// # Errors
/// [`BuildError::Patch`] if an operation fails.
fn apply_json(
    resource: &mut Resource,
    patch: &JsonPatch,
    (limits, syntax): (&Limits, &Syntax),
    removed: &mut Vec<(RemovedPart, Mark)>,
) -> Result<(), BuildError> {
    let before = resource.clone();
    resource.edit_node(|node| {
        *node = patch
            .apply(node, removed)
            .map_err(|error| BuildError::patch(error.to_string()).at(error.mark))?;
        if !node.fits(limits) {
            return Err(BuildError::limit(
                "JSON patches make the object too large or too deep",
            ));
        }
        if syntax.is_enabled() {
            *node = syntax.reread(node, limits);
        }
        Ok::<(), BuildError>(())
    })?;
    resource.remember_overridden(&before.node);
    let exposed = before.exposed_annotations();
    resource.history = before.history;
    resource.behavior = before.behavior;
    resource.needs_hash_suffix = before.needs_hash_suffix;
    resource.shared.clear();
    if resource.has_syntax() {
        resource.rewrite_annotations(exposed);
        return Ok(());
    }
    let Some(annotations) = resource.node.at(&["metadata", "annotations"]) else {
        return Ok(());
    };
    let annotations =
        Node::new(Value::Mapping(node_edit::texts(texts(annotations)))).with_mark(annotations.mark);
    if let Some(metadata) = resource.metadata_mut() {
        if is_nil_or_empty(&annotations) {
            metadata.remove("annotations");
        } else {
            metadata.insert("annotations", annotations);
        }
    }
    Ok(())
}

//! Addition of generated objects, and their merge into existing ones.

use std::collections::HashMap;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Lost, Mapping, Node};

use super::object::base64_lines;
use crate::node_edit::{raw_text, set_entry, text_or_empty, value_node};
use crate::resource::{Behavior, ResId, Resource, is_stripped_annotation};
use crate::{BuildError, ResMap};

/// Adds generated objects to the existing ones.
///
/// # Errors
/// [`BuildError::Generator`] where `behavior` does not fit the existing objects.
pub(crate) fn absorb_all(
    map: &mut ResMap,
    generated: impl IntoIterator<Item = Resource>,
) -> Result<(), BuildError> {
    generated
        .into_iter()
        .try_for_each(|resource| absorb(map, resource))
}

fn absorb(map: &mut ResMap, resource: Resource) -> Result<(), BuildError> {
    let id = resource.current_id();
    let mark = resource.origin.mark;
    map.spend(map.with_any_name(&id.name).len())
        .map_err(|error| error.at(mark))?;
    let mut matches = map.matching_any_id(&id);
    let (first, second) = (matches.next(), matches.next());
    drop(matches);
    let refuse = |message: String| Err(BuildError::generator(message).at(mark));
    match (first, second, resource.behavior) {
        (None, _, Behavior::Create | Behavior::Unspecified) => map.append(resource),
        (None, _, _) => {
            let message = format!("id {} does not exist; cannot merge or replace", go_text(&id));
            Err(BuildError::object_missing(message).at(mark))
        }
        (Some(_), None, Behavior::Create | Behavior::Unspecified) => refuse(format!(
            "id {} exists; can not use behavior: '{}', behavior must be merge or replace",
            go_text(&id),
            resource.behavior.as_str()
        )),
        (Some(index), None, behavior) => {
            let Some(old) = map.get(index) else {
                return refuse("id lookup failure".into());
            };
            // The old data is copied and sorted.
            map.spend(old.node.weight()).map_err(|error| error.at(mark))?;
            let old_gvk = old.gvk();
            let merged = take_place(resource, old, behavior)?;
            // Looked up by its current type, which a patch may have changed.
            if merged.gvk() != old_gvk {
                let id = merged.current_id();
                return refuse(format!("cannot find resource with id {id} to replace"));
            }
            map.replace(index, merged);
            Ok(())
        }
        (Some(_), Some(_), _) => refuse(format!("found multiple objects that could accept merge of {id}")),
    }
}

/// Gives the new object the old one's name, namespace and history. New labels and annotations override old ones, and on
/// a merge new data overrides old data.
fn take_place(mut new: Resource, old: &Resource, behavior: Behavior) -> Result<Resource, BuildError> {
    let origin_annotation = old
        .node
        .at(&["metadata", "annotations", crate::build_metadata::ORIGIN])
        .cloned();
    merge_metadata(&mut new, old);
    if behavior == Behavior::Merge {
        // As in the origin annotation, the old object's origin stays on a merge.
        new.origin = old.origin;
        let data = secret_data(old)?;
        merge_map(&mut new.node, "data", data);
        merge_map(&mut new.node, "binaryData", entries(&old.node, "binaryData"));
        if let (Some(origin), Some(annotations)) = (origin_annotation, new.annotations_mut()) {
            annotations.insert(crate::build_metadata::ORIGIN, origin);
        }
    }
    new.overridden.clone_from(&old.overridden);
    new.remember_overridden(&old.node);
    if new.has_syntax() {
        new.node.mark = Lost::GeneratorBehavior.mark();
    }
    Ok(new)
}

fn merge_metadata(new: &mut Resource, old: &Resource) {
    let (name, namespace) = (SmolStr::new(old.name()), SmolStr::new(old.namespace()));
    let place = |field: &str| {
        let value = old.node.at(&["metadata", field]);
        value.map_or(Mark::NONE, |value| value.mark)
    };
    let (name_mark, namespace_mark) = (place("name"), place("namespace"));
    if let Some(metadata) = new.metadata_mut() {
        for field in ["labels", "annotations"] {
            let mut merged = text_entries(old.node.at(&["metadata", field]), raw_text);
            let own = text_entries(metadata.get(field), raw_text);
            // kustomize's internal annotations come from the old object alone.
            let own = own
                .into_iter()
                .filter(|(key, _)| field != "annotations" || !is_stripped_annotation(key));
            overwrite(&mut merged, own);
            set_sorted(metadata, field, merged, |text, mark| {
                Node::str(text).with_mark(mark)
            });
        }
    }
    new.set_name(name, name_mark);
    new.set_namespace(namespace, namespace_mark);
    new.history = old.history.clone();
    new.needs_hash_suffix &= old.needs_hash_suffix;
    new.behavior = old.behavior;
    new.allow_name_change = old.allow_name_change;
    new.allow_kind_change = old.allow_kind_change;
    new.ref_vars.clone_from(&old.ref_vars);
}

/// Sets entries: in place where the key exists, else at the end.
fn overwrite(entries: &mut Entries, new: impl IntoIterator<Item = (SmolStr, (SmolStr, Mark))>) {
    let mut positions: Option<HashMap<SmolStr, usize>> = None;
    for (key, value) in new {
        let positions = positions.get_or_insert_with(|| {
            let mut positions = HashMap::with_capacity(entries.len());
            for (index, (key, _)) in entries.iter().enumerate() {
                positions.entry(key.clone()).or_insert(index);
            }
            positions
        });
        match positions.get(&key).and_then(|index| entries.get_mut(*index)) {
            Some((_, slot)) => *slot = value,
            None => {
                positions.insert(key.clone(), entries.len());
                entries.push((key, value));
            }
        }
    }
}

type Entries = Vec<(SmolStr, (SmolStr, Mark))>;

fn entries(node: &Node, field: &str) -> Entries {
    text_entries(node.get(field), text_or_empty)
}

fn text_entries(node: Option<&Node>, text: fn(&Node) -> &str) -> Entries {
    node.into_iter()
        .flat_map(|node| node.iter())
        .map(|(key, value)| (key.into(), (text(value).into(), value.mark)))
        .collect()
}

fn merge_map(node: &mut Node, field: &str, mut merged: Entries) {
    overwrite(&mut merged, entries(node, field));
    if let Some(object) = node.as_mapping_mut() {
        set_sorted(object, field, merged, value_node);
    }
}

fn set_sorted(mapping: &mut Mapping, field: &str, mut merged: Entries, make: impl Fn(SmolStr, Mark) -> Node) {
    mapping.remove(field);
    if merged.is_empty() {
        return;
    }
    merged.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut target = Mapping::default();
    for (key, (text, mark)) in merged {
        set_entry(&mut target, &key, make(text, mark));
    }
    mapping.insert(field, Node::new(yaml_node::Value::Mapping(target)));
}

/// The old data of a Secret, with `stringData` encoded as `data`.
fn secret_data(old: &Resource) -> Result<Entries, BuildError> {
    let mut data = entries(&old.node, "data");
    if old.api_version() != "v1" || old.kind() != "Secret" {
        return Ok(data);
    }
    if let Some(string_data) = old.node.get("stringData") {
        let mut encoded_data = Entries::new();
        for (key, value) in string_data.iter() {
            if value.as_scalar().is_none() {
                return Err(BuildError::generator(format!(
                    "failed to normalize stringData for {}: read stringData: stringData value for key \"{key}\" must \
                     be a scalar",
                    old.current_id()
                ))
                .at(value.mark));
            }
            let encoded = SmolStr::from(base64_lines(text_or_empty(value).as_bytes()));
            encoded_data.push((key.into(), (encoded, value.mark)));
        }
        overwrite(&mut data, encoded_data);
    }
    Ok(data)
}

/// An id in Go's `%v` format.
fn go_text(id: &ResId) -> String {
    format!(
        "resid.ResId{{Gvk:resid.Gvk{{Group:{:?}, Version:{:?}, Kind:{:?}, isClusterScoped:{}}}, Name:{:?}, Namespace:{:?}}}",
        id.gvk.group, id.gvk.version, id.gvk.kind, id.cluster_scoped, id.name, id.namespace
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_map(behavior: Behavior, data: &[(&str, &str)]) -> Resource {
        let data = data.iter().map(|(key, value)| (*key, Node::str(*value)));
        let mut resource = Resource::new(Node::mapping([
            ("apiVersion", Node::str("v1")),
            ("kind", Node::str("ConfigMap")),
            ("metadata", Node::mapping([("name", Node::str("x"))])),
            ("data", Node::mapping(data)),
        ]));
        resource.behavior = behavior;
        resource
    }

    #[test]
    fn merging_keeps_the_old_data_and_replacing_removes_it() {
        for (behavior, expected) in [(Behavior::Merge, Some("1")), (Behavior::Replace, None)] {
            let mut map = ResMap::new();
            map.append(config_map(Behavior::Create, &[("a", "1"), ("b", "1")]))
                .unwrap();
            absorb_all(&mut map, [config_map(behavior, &[("b", "2")])]).unwrap();
            let node = &map.resources()[0].node;
            assert_eq!(node.text_at(&["data", "a"]), expected);
            assert_eq!(node.text_at(&["data", "b"]), Some("2"));
        }
    }

    #[test]
    fn behavior_must_fit_the_existing_objects() {
        let mut map = ResMap::new();
        let error = absorb_all(&mut map, [config_map(Behavior::Merge, &[])]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("does not exist; cannot merge or replace")
        );
        map.append(config_map(Behavior::Create, &[])).unwrap();
        let error = absorb_all(&mut map, [config_map(Behavior::Create, &[])]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("can not use behavior: 'create', behavior")
        );
    }
}

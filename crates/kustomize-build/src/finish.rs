//! Final steps at the top: hash suffixes, removal of local objects, the managed-by label, removal of internal
//! annotations.

use source_tree::Mark;
use yaml_node::{Dialect, Mapping, Node, Tag, Value, resolve};

use crate::build_metadata::{BuildMetadata, ORIGIN, TRANSFORMATIONS};
use crate::load::documents::check_metadata;
use crate::node_edit::{raw_text, set_entry, value_node};
use crate::resource::{Resource, strip_internal_annotations};
use crate::{BuildError, ResMap, generators};

const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The release whose behaviour this crate follows.
const VERSION: &str = "kustomize-v5.8.2";

/// Appends hashes to the names of generated objects. `of_others` hashes objects other than ConfigMaps and Secrets, by
/// position.
///
/// # Errors
/// [`BuildError::Output`] if the content has no JSON form, and errors of `of_others`.
pub(crate) fn add_hashes(
    map: &mut ResMap,
    of_others: &mut dyn FnMut(usize) -> Result<String, BuildError>,
) -> Result<(), BuildError> {
    for (index, resource) in map.resources_mut().iter_mut().enumerate() {
        if resource.needs_hash_suffix {
            let hash = match generators::hash(&resource.node)? {
                Some(hash) => hash,
                None => of_others(index).map_err(|error| error.at(resource.origin.mark))?,
            };
            resource.store_previous_id();
            let mark = resource.node.at(&["metadata", "name"]).map(|name| name.mark);
            let name = format!("{}-{hash}", resource.name());
            resource.set_name(name, mark.unwrap_or_default());
        }
    }
    Ok(())
}

/// Drops objects that are only meant for the build itself, and checks once more that the others are valid.
///
/// # Errors
/// [`BuildError::Resource`] if a patch or replacement removed the kind or name.
pub(crate) fn drop_local_config(map: &mut ResMap) -> Result<(), BuildError> {
    for resource in map.resources().iter().filter(|resource| !resource.is_empty()) {
        check_metadata(&resource.node).map_err(|error| error.at(resource.origin.mark))?;
        resource.check_history()?;
        check_annotations(resource)?;
    }
    map.retain(|resource| {
        !resource.is_empty()
            && resource
                .annotation(LOCAL_CONFIG)
                .is_none_or(|value| value == "false")
    });
    Ok(())
}

// kustomize reads a list of annotations as alternating keys and values, and crashes if their number is odd.
fn check_annotations(resource: &Resource) -> Result<(), BuildError> {
    match resource.node.at(&["metadata", "annotations"]) {
        Some(annotations) if annotations.as_sequence().is_some() => {
            Err(BuildError::resource("metadata.annotations is a list, not a mapping").at(annotations.mark))
        }
        _ => Ok(()),
    }
}

/// Labels every object as managed by kustomize.
///
/// # Errors
/// [`BuildError::Transformer`] if an object's labels are not a mapping.
pub(crate) fn add_managed_by_label(map: &mut ResMap) -> Result<(), BuildError> {
    for resource in map.resources_mut() {
        let id = resource.current_id();
        let labels = resource.labels_mut().ok_or_else(|| {
            BuildError::transformer(format!(
                "considering field 'metadata/labels' of object {id}: expected sequence or mapping node"
            ))
        })?;
        set_entry(labels, MANAGED_BY, Node::str(VERSION));
    }
    Ok(())
}

/// Removes internal annotations, and origins and transformations unless requested. The values of the others become
/// strings.
pub(crate) fn strip(map: &mut ResMap, metadata: BuildMetadata) {
    for resource in map.resources_mut() {
        strip_one(resource, metadata);
    }
}

fn strip_one(resource: &mut Resource, metadata: BuildMetadata) {
    let Some(object) = resource.node.as_mapping_mut() else {
        return;
    };
    // kustomize creates `metadata` when it looks for annotations.
    if object.get("metadata").is_none() {
        object.insert("metadata", Node::empty_mapping());
    }
    let Some(annotations) = resource.node.at(&["metadata", "annotations"]) else {
        return;
    };
    let clean = annotations.as_mapping().is_some_and(|annotations| {
        !annotations.is_empty()
            && has_unique_keys(annotations)
            && annotations.iter().all(|(key, value)| {
                !crate::resource::is_stripped_annotation(key)
                    && key != ORIGIN
                    && key != TRANSFORMATIONS
                    && value.as_str().is_some()
                    && resolve(key, Dialect::V3) == Tag::Str
            })
    });
    if clean {
        return;
    }
    let Some(metadata_node) = resource.node.get_mut("metadata").and_then(Node::as_mapping_mut) else {
        return;
    };
    let mut texts = Mapping::default();
    if let Some(annotations) = metadata_node.get("annotations").and_then(Node::as_mapping) {
        let mut annotations = annotations.clone();
        strip_internal_annotations(&mut annotations);
        if !metadata.origin {
            annotations.remove(ORIGIN);
        }
        if !metadata.transformer {
            annotations.remove(TRANSFORMATIONS);
        }
        for (key, value) in annotations.iter() {
            set_entry(&mut texts, key, text_node(value));
        }
    }
    metadata_node.remove("annotations");
    if !texts.is_empty() {
        let mark = texts.entries().first().map_or(Mark::NONE, |(key, _)| key.mark);
        metadata_node.insert("annotations", Node::new(Value::Mapping(texts)).with_mark(mark));
    }
}

// Of equal keys the last one counts, which the slow path handles.
fn has_unique_keys(mapping: &Mapping) -> bool {
    let mut seen = std::collections::HashSet::with_capacity(mapping.len());
    mapping.iter().all(|(key, _)| seen.insert(key))
}

/// An annotation's value as a string, whatever its type.
fn text_node(value: &Node) -> Node {
    if value.as_str().is_some() {
        return value.clone();
    }
    value_node(raw_text(value), value.mark)
}

#[cfg(test)]
mod tests {
    use crate::test_trees::build_objects;

    #[test]
    fn local_objects_are_dropped_last() {
        let objects = "kind: A\nmetadata: {name: a, annotations: {config.kubernetes.io/local-config: 'true'}}\n---\n\
            kind: A\nmetadata: {name: b, annotations: {config.kubernetes.io/local-config: 'false'}}\n";
        let yaml = build_objects("", objects).unwrap();
        assert_eq!(yaml.matches("kind: A").count(), 1);
    }

    #[test]
    fn annotations_become_texts_and_internal_ones_are_removed() {
        let objects = "kind: A\nmetadata:\n  name: a\n  annotations: {k: 1, z: null, m: {x: y}, k: 2,\n    \
            internal.config.kubernetes.io/index: '0', internal.config.kubernetes.io/other: x, config.kubernetes.io/origin: y}\n";
        let expected = "kind: A\nmetadata:\n  annotations:\n    internal.config.kubernetes.io/other: x\n    k: \"2\"\n    \
            m: \"\"\n    z: \"null\"\n  name: a\n";
        assert_eq!(build_objects("", objects).unwrap(), expected);
    }

    #[test]
    fn the_managed_by_label_names_the_release() {
        let yaml = build_objects(
            "buildMetadata: [managedByLabel]\n",
            "kind: A\nmetadata: {name: a}\n",
        )
        .unwrap();
        assert!(yaml.contains("app.kubernetes.io/managed-by: kustomize-v5.8.2\n"));
    }
}

//! Changes to labels, annotations and namespaces of objects.

use yaml_node::{Mapping, Node, Tag};

/// Sets labels or annotations.
pub(crate) fn put_metadata(object: &mut Node, field: &str, entries: &[(String, Node)]) {
    let Some(metadata) = metadata(object) else { return };
    if metadata.get(field).is_none_or(|map| map.as_mapping().is_none()) {
        metadata.insert(field, Node::empty_mapping());
    }
    if let Some(map) = metadata.get_mut(field).and_then(Node::as_mapping_mut) {
        for (key, value) in entries {
            map.insert(key, value.clone());
        }
    }
}

/// Whether a value of labels or annotations is not a string. Then Flux reads none of them and replaces them all with its own
/// (`SetOwnerLabels` of <https://github.com/fluxcd/pkg/blob/main/ssa/manager.go>, `SetCommonMetadata` of `ssa/utils/meta.go`).
pub(crate) fn is_unreadable(object: &Node, field: &str) -> bool {
    let map = object.at(&["metadata", field]);
    let mut values = map.into_iter().flat_map(Node::iter);
    values.any(|(_, value)| {
        let tag = value.as_scalar().map(|scalar| &scalar.tag);
        matches!(tag, None | Some(Tag::Int | Tag::Float | Tag::Bool | Tag::Null))
    })
}

/// Removes all labels or annotations.
pub(crate) fn clear_metadata(object: &mut Node, field: &str) {
    let object = object.as_mapping_mut();
    let metadata = object.and_then(|object| object.get_mut("metadata"));
    if let Some(metadata) = metadata.and_then(Node::as_mapping_mut) {
        metadata.insert(field, Node::empty_mapping());
    }
}

/// Sets the namespace.
pub(crate) fn put_namespace(object: &mut Node, namespace: &str) {
    if let Some(metadata) = metadata(object) {
        metadata.insert("namespace", Node::str(namespace));
    }
}

/// The metadata of an object, added if it has none.
fn metadata(object: &mut Node) -> Option<&mut Mapping> {
    let object = object.as_mapping_mut()?;
    let metadata = object.get_or_insert_with("metadata", Node::empty_mapping);
    metadata.as_mapping_mut()
}

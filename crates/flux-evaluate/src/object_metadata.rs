//! Labels, annotations and namespaces that are put on objects.

use yaml_node::Node;

/// Overwrites labels or annotations.
pub(crate) fn put_metadata(object: &mut Node, field: &str, entries: &[(String, Node)]) {
    let Some(object) = object.as_mapping_mut() else {
        return;
    };
    let metadata = object.get_or_insert_with("metadata", Node::empty_mapping);
    let Some(metadata) = metadata.as_mapping_mut() else {
        return;
    };
    if metadata.get(field).is_none_or(|map| map.as_mapping().is_none()) {
        metadata.insert(field, Node::empty_mapping());
    }
    if let Some(map) = metadata.get_mut(field).and_then(Node::as_mapping_mut) {
        for (key, value) in entries {
            map.insert(key, value.clone());
        }
    }
}

/// Sets the namespace.
pub(crate) fn put_namespace(object: &mut Node, namespace: &str) {
    let object = object.as_mapping_mut();
    let metadata = object.map(|object| object.get_or_insert_with("metadata", Node::empty_mapping));
    if let Some(metadata) = metadata.and_then(Node::as_mapping_mut) {
        metadata.insert("namespace", Node::str(namespace));
    }
}

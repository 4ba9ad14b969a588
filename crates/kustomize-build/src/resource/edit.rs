//! Small checks and edits of nodes, as in kustomize.

use yaml_node::{Mapping, Node, Tag, Value};

/// The mapping under `key`, created if missing or null. `None` if the value is something else.
pub(super) fn child_mapping<'a>(mapping: &'a mut Mapping, key: &str) -> Option<&'a mut Mapping> {
    let child = mapping.get_or_insert_with(key, Node::empty_mapping);
    if child.is_null() {
        child.value = Value::Mapping(Mapping::default());
    }
    child.as_mapping_mut()
}

/// Whether a node is null, `{}` or `[]`.
pub(crate) fn is_nil_or_empty(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.tag == Tag::Null,
        Value::Sequence(sequence) => sequence.is_empty(),
        Value::Mapping(mapping) => mapping.is_empty(),
    }
}

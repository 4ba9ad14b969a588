//! Small edits of nodes, as kustomize makes them.

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Mapping, Node, Tag, Value};

/// A scalar without a type: what it is follows from its text when it is written.
pub(super) fn untyped(text: SmolStr, mark: Mark) -> Node {
    Node::scalar(text, Tag::Untyped).with_mark(mark)
}

/// Sets a field. A scalar that stood there passes its style on, so that quotes stay.
pub(crate) fn set_field(mapping: &mut Mapping, key: &str, mut value: Node) {
    match mapping.get_mut(key) {
        Some(old) => {
            if let (Some(new), Some(old)) = (value.as_scalar_mut(), old.as_scalar()) {
                new.style = old.style;
            }
            *old = value;
        }
        None => mapping.insert(key, value),
    }
}

/// The mapping under `key`, made where it is missing or null. `None` where something else stands there.
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

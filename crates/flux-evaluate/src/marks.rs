//! Replacement of the places of a tree.

use source_tree::Mark;
use yaml_node::{Mapping, Node, Sequence, Value};

/// The tree in block style, with every mark replaced.
pub(crate) fn with_marks(node: &Node, mark: &dyn Fn(Mark) -> Mark) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Sequence(items) => {
            let items = items.iter().map(|item| with_marks(item, mark));
            Value::Sequence(Sequence::new(items.collect()))
        }
        Value::Mapping(mapping) => {
            let entries = mapping.entries().iter();
            let entries = entries.map(|(key, value)| (with_marks(key, mark), with_marks(value, mark)));
            Value::Mapping(Mapping::new(entries.collect()))
        }
    };
    Node {
        value,
        mark: mark(node.mark),
    }
}

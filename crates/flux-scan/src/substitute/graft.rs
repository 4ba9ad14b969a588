//! A tree that was read again, and the tree it was written from, turn into the new tree with the old one's places.

use source_tree::Mark;
use yaml_node::{Mapping, Node, Sequence, Value};

/// Gives every node of `new` the mark of its counterpart in `old`.
pub(super) fn marks(new: Node, old: &Node) -> Node {
    let value = match (new.value, &old.value) {
        (Value::Mapping(new), Value::Mapping(old_map)) => Value::Mapping(mapping(&new, old_map, old.mark)),
        (Value::Sequence(new), Value::Sequence(old_items)) => {
            let items = new
                .iter()
                .enumerate()
                .map(|(index, item)| match old_items.get(index) {
                    Some(counterpart) => marks(item.clone(), counterpart),
                    None => all(item, old.mark),
                });
            let mut sequence = Sequence::new(items.collect());
            sequence.flow = new.flow;
            Value::Sequence(sequence)
        }
        // A value that is text in one tree and a list or mapping in the other is all the old one's.
        (value, _) => return all(&Node::new(value), old.mark),
    };
    Node {
        value,
        mark: old.mark,
    }
}

fn mapping(new: &Mapping, old: &Mapping, mark: Mark) -> Mapping {
    // Keys that hold a variable are called otherwise now. They are paired in order of their old names.
    let mut renamed: Vec<_> = old
        .entries()
        .iter()
        .filter(|(key, _)| key.text().is_some_and(|text| new.get(text).is_none()))
        .collect();
    renamed.sort_by_key(|(key, _)| key.text());
    let mut renamed = renamed.into_iter();
    let entries = new.entries().iter().map(|(key, value)| {
        let text = key.text().unwrap_or_default();
        let counterpart = match old.position(text) {
            Some(position) => old.entries().get(position),
            None => renamed.next(),
        };
        match counterpart {
            Some((old_key, old_value)) => (
                key.clone().with_mark(old_key.mark),
                marks(value.clone(), old_value),
            ),
            None => (key.clone().with_mark(mark), all(value, mark)),
        }
    });
    let mut mapping = Mapping::new(entries.collect());
    mapping.flow = new.flow;
    mapping
}

fn all(node: &Node, mark: Mark) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Sequence(items) => {
            Value::Sequence(Sequence::new(items.iter().map(|item| all(item, mark)).collect()))
        }
        Value::Mapping(mapping) => Value::Mapping(Mapping::new(
            mapping
                .entries()
                .iter()
                .map(|(key, value)| (key.clone().with_mark(mark), all(value, mark)))
                .collect(),
        )),
    };
    Node { value, mark }
}

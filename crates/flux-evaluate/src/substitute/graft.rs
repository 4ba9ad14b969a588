//! Puts the places of a tree on the tree that was read from its text.

use source_tree::Mark;
use yaml_node::{Mapping, Node, Sequence, Value};

/// Gives every node of `new` the mark of its counterpart in `old`. What reads as it did is the old tree's own, so that
/// the two share it.
pub(super) fn marks(new: Node, old: &Node) -> Node {
    let value = match (new.value, &old.value) {
        (Value::Scalar(new), Value::Scalar(old_scalar)) if new == *old_scalar => return old.clone(),
        (Value::Mapping(new), Value::Mapping(old_map)) => match mapping(&new, old_map, old.mark) {
            Some(mapping) => Value::Mapping(mapping),
            None => return old.clone(),
        },
        (Value::Sequence(new), Value::Sequence(old_items)) => match sequence(&new, old_items, old.mark) {
            Some(sequence) => Value::Sequence(sequence),
            None => return old.clone(),
        },
        // A value that is text in one tree and a list or mapping in the other is all the old one's.
        (value, _) => return all(&Node::new(value), old.mark),
    };
    Node {
        value,
        mark: old.mark,
    }
}

/// None where the list is the old one.
fn sequence(new: &Sequence, old: &Sequence, mark: Mark) -> Option<Sequence> {
    let items: Vec<Node> = new
        .iter()
        .enumerate()
        .map(|(index, item)| match old.get(index) {
            Some(counterpart) => marks(item.clone(), counterpart),
            None => all(item, mark),
        })
        .collect();
    let same = new.len() == old.len() && items.iter().zip(old.iter()).all(|(item, old)| item.shares(old));
    (!same).then(|| {
        let mut sequence = Sequence::new(items);
        sequence.flow = new.flow;
        sequence
    })
}

/// None where the mapping is the old one.
fn mapping(new: &Mapping, old: &Mapping, mark: Mark) -> Option<Mapping> {
    let mut same = new.len() == old.len();
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
            Some((old_key, old_value)) => {
                let value = marks(value.clone(), old_value);
                same &= value.shares(old_value) && key.same_value(old_key);
                (key.clone().with_mark(old_key.mark), value)
            }
            None => {
                same = false;
                (key.clone().with_mark(mark), all(value, mark))
            }
        }
    });
    let entries = entries.collect();
    (!same).then(|| {
        let mut mapping = Mapping::new(entries);
        mapping.flow = new.flow;
        mapping
    })
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

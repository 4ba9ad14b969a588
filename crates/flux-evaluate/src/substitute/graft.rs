//! Places of a tree for the tree that is parsed from its substituted text.

use source_tree::Mark;
use yaml_node::{Mapping, Node, Sequence, Value};

use crate::marks::with_marks;

/// Gives every node of `new` the mark of its counterpart in `old`. Unchanged subtrees are shared with `old`.
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
        // A value that becomes another type has the mark of the old one everywhere.
        (value, _) => return with_marks(&Node::new(value), &|_| old.mark),
    };
    Node {
        value,
        mark: old.mark,
    }
}

/// `None` if the list is unchanged.
fn sequence(new: &Sequence, old: &Sequence, mark: Mark) -> Option<Sequence> {
    let items = new.iter().enumerate();
    let items = items.map(|(index, item)| match old.get(index) {
        Some(counterpart) => marks(item.clone(), counterpart),
        None => with_marks(item, &|_| mark),
    });
    let items: Vec<Node> = items.collect();
    let same = new.len() == old.len() && items.iter().zip(old.iter()).all(|(item, old)| item.shares(old));
    (!same).then(|| {
        let mut sequence = Sequence::new(items);
        sequence.flow = new.flow;
        sequence
    })
}

/// `None` if the mapping is unchanged.
fn mapping(new: &Mapping, old: &Mapping, mark: Mark) -> Option<Mapping> {
    let mut same = new.len() == old.len();
    // Keys that held a variable have another name now. They are paired in the order of their old names.
    let is_renamed = |key: &Node| key.text().is_some_and(|text| new.get(text).is_none());
    let renamed = old.entries().iter().filter(|(key, _)| is_renamed(key));
    let mut renamed: Vec<_> = renamed.collect();
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
                (key.clone().with_mark(mark), with_marks(value, &|_| mark))
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

//! The memory that values take as template values, estimated before they are made: a map with one entry takes a hundred times
//! the size of its text.

use go_template::Map;
use yaml_node::{Node, Value};

/// Bytes of a scalar besides its text.
const SCALAR: usize = 128;

/// The approximate number of bytes that a tree takes as template values.
pub(crate) fn of_node(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(scalar) => SCALAR + scalar.text.len(),
        Value::Sequence(items) => SCALAR + items.iter().map(of_node).sum::<usize>(),
        Value::Mapping(mapping) => {
            let entries = mapping.entries();
            let held = entries.iter().map(|(key, value)| of_node(key) + of_node(value));
            Map::bytes(entries.len()) + held.sum::<usize>()
        }
    }
}

/// The approximate largest number of bytes that a YAML text takes as template values: each entry of a map has a colon.
pub(crate) fn of_text(text: &str) -> usize {
    let colons = memchr::memchr_iter(b':', text.as_bytes()).count();
    text.len()
        .saturating_mul(16)
        .saturating_add(colons.saturating_mul(Map::bytes(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[test]
    fn small_maps_take_much() {
        let text = format!("a: [{}]", "{b: 1},".repeat(1000));
        let node = yaml_node::read_yaml11(&text, FileId::NONE, &Limits::default())
            .unwrap()
            .unwrap();
        assert!(of_node(&node) > 500_000);
        assert!(of_text(&text) > 500_000);
        assert!(of_text(&"a word and another\n".repeat(1000)) < 500_000);
    }
}

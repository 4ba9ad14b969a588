//! Integers that Go's JSON cannot hold exactly.
//!
//! Every object that goes through substitution is read into a map of `interface{}`, whose numbers are 64-bit floats.

use yaml_node::{Node, Scalar, Tag, Value};

/// Digits that every integer up to 2^53 needs at most, less one: shorter ones are exact.
const SAFE_DIGITS: usize = 15;

/// The tree with such integers rounded. Shares everything where it has none.
pub(super) fn rounded(node: &Node) -> Node {
    let mut node = node.clone();
    if has_big(&node) {
        round(&mut node);
    }
    node
}

fn has_big(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.tag == Tag::Int && scalar.text.len() > SAFE_DIGITS,
        Value::Sequence(items) => items.iter().any(has_big),
        Value::Mapping(mapping) => mapping.entries().iter().any(|(_, value)| has_big(value)),
    }
}

fn round(node: &mut Node) {
    if !has_big(node) {
        return;
    }
    match &mut node.value {
        Value::Scalar(scalar) => {
            if let Ok(int) = scalar.text.parse::<i128>() {
                *scalar = Scalar::new(format!("{:e}", int as f64), Tag::Float);
            }
        }
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(round),
        Value::Mapping(mapping) => mapping
            .entries_mut()
            .iter_mut()
            .for_each(|(_, value)| round(value)),
    }
}

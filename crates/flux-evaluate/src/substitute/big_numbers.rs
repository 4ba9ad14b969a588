//! Integers that Go's JSON cannot represent exactly.
//!
//! Every substituted object is decoded into a map of `interface{}`, whose numbers are 64-bit floats.

use yaml_node::{Node, Scalar, Tag, Value};

/// Integers with so many digits are exact: they are less than 2^53.
const SAFE_DIGITS: usize = 15;

/// The tree with such integers rounded. Without any, it is shared.
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

//! The variables that an object uses, each with its place.

use source_tree::Mark;
use yaml_node::{Node, Value};

use crate::envsubst;

/// Calls `found` with the name of each variable, whether the use has a default, and the place of its scalar.
pub(crate) fn for_each_use(node: &Node, found: &mut dyn FnMut(&str, bool, Mark)) {
    for_each_text(node, &mut |text, mark| {
        if let Ok(template) = envsubst::parse(text) {
            for variable in template.variables() {
                found(variable.name, variable.defaulted, mark);
            }
        }
    });
}

/// The place of the first scalar that cannot be parsed by itself.
pub(super) fn first_broken(node: &Node) -> Option<Mark> {
    let mut broken = None;
    for_each_text(node, &mut |text, mark| {
        if broken.is_none() && envsubst::parse(text).is_err() {
            broken = Some(mark);
        }
    });
    broken
}

fn for_each_text(node: &Node, found: &mut dyn FnMut(&str, Mark)) {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.contains("${") => found(&scalar.text, node.mark),
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| for_each_text(item, found)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries() {
                for_each_text(key, found);
                for_each_text(value, found);
            }
        }
    }
}

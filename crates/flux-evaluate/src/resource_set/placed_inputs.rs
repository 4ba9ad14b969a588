//! Places of inputs for the scalars of a ResourceSet's objects that are inputs.

use source_tree::Mark;
use yaml_node::{Node, Value as NodeValue};

use super::template::Input;

/// A scalar, by the positions on the way to it, and the place of its input.
pub(super) type Placed = (Vec<usize>, Mark);

/// Fields that identify an object, which keep the place of the template.
const IDENTITY: &[&str] = &["apiVersion", "kind", "metadata"];

/// The scalars of an object that are an input, or an image whose tag is one. Marks of the object and lines of the inputs
/// refer to the rendered text.
pub(super) fn found(object: &Node, inputs: &[Input]) -> Vec<Placed> {
    let mut placed = Vec::new();
    if inputs.is_empty() {
        return placed;
    }
    let entries = object.as_mapping().map_or(&[][..], |mapping| mapping.entries());
    for (position, (key, value)) in entries.iter().enumerate() {
        if !key.text().is_some_and(|key| IDENTITY.contains(&key)) {
            search(value, &mut vec![position], inputs, &mut placed);
        }
    }
    placed
}

fn search(node: &Node, path: &mut Vec<usize>, inputs: &[Input], placed: &mut Vec<Placed>) {
    let mut below = |position: usize, node: &Node| {
        path.push(position);
        search(node, path, inputs, placed);
        path.pop();
    };
    match &node.value {
        NodeValue::Scalar(scalar) => {
            let text = scalar.text.as_str();
            let decides = |input: &&Input| input.line == node.mark.line && is_input(text, &input.text);
            if let Some(input) = inputs.iter().rev().find(decides) {
                placed.push((path.clone(), input.mark));
            }
        }
        NodeValue::Sequence(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(position, item)| below(position, item));
        }
        NodeValue::Mapping(mapping) => {
            let entries = mapping.entries().iter().enumerate();
            entries.for_each(|(position, (_, value))| below(position, value));
        }
    }
}

/// Whether a text is an input, or an image whose tag or digest is one.
fn is_input(text: &str, input: &str) -> bool {
    let before = text.strip_suffix(input);
    before.is_some_and(|before| before.is_empty() || before.ends_with([':', '@']) && !before.contains(' '))
}

/// Sets the places of inputs on the scalars of an object.
pub(super) fn marked(mut object: Node, placed: &[Placed]) -> Node {
    for (path, mark) in placed {
        let mut node = Some(&mut object);
        for position in path {
            node = node.and_then(|node| match &mut node.value {
                NodeValue::Sequence(items) => items.items_mut().get_mut(*position),
                NodeValue::Mapping(mapping) => {
                    mapping.entries_mut().get_mut(*position).map(|(_, value)| value)
                }
                NodeValue::Scalar(_) => None,
            });
        }
        if let Some(node) = node {
            node.mark = *mark;
        }
    }
    object
}

//! Scalars of the objects of a ResourceSet that inputs decide, and where these are stated.

use source_tree::Mark;
use yaml_node::{Node, Value as Shape};

use super::template::Input;

/// A scalar by the positions that lead to it, and the place of the input that decides it.
pub(super) type Placed = (Vec<usize>, Mark);

/// Fields that make an object what it is: the template decides that there is one.
const IDENTITY: &[&str] = &["apiVersion", "kind", "metadata"];

/// The scalars of an object that are an input, or an image with one as its tag. Lines of the object are those of the text in which
/// the inputs stand.
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
        Shape::Scalar(scalar) => {
            let text = scalar.text.as_str();
            let decides = |input: &&Input| input.line == node.mark.line && ends(text, &input.text);
            if let Some(input) = inputs.iter().rev().find(decides) {
                placed.push((path.clone(), input.mark));
            }
        }
        Shape::Sequence(items) => {
            for (position, item) in items.iter().enumerate() {
                below(position, item);
            }
        }
        Shape::Mapping(mapping) => {
            for (position, (_, value)) in mapping.entries().iter().enumerate() {
                below(position, value);
            }
        }
    }
}

/// Whether a text is an input, or an image whose tag or digest is one.
fn ends(text: &str, input: &str) -> bool {
    text.strip_suffix(input)
        .is_some_and(|before| before.is_empty() || before.ends_with([':', '@']) && !before.contains(' '))
}

/// An object whose scalars have the places of the inputs that decide them.
pub(super) fn marked(mut object: Node, placed: &[Placed]) -> Node {
    for (path, mark) in placed {
        let mut node = Some(&mut object);
        for position in path {
            node = node.and_then(|node| match &mut node.value {
                Shape::Sequence(items) => items.items_mut().get_mut(*position),
                Shape::Mapping(mapping) => mapping.entries_mut().get_mut(*position).map(|(_, value)| value),
                Shape::Scalar(_) => None,
            });
        }
        if let Some(node) = node {
            node.mark = *mark;
        }
    }
    object
}

//! Search for the one value that a path names.
//!
//! Rules: `PathGetter` in <https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/fns.go>. Items
//! match by equal text, and the first match counts.

use yaml_node::Node;

use super::{PathError, Segment, key_and_value};
use crate::node_edit::{MAPPING, SCALAR, SEQUENCE, WrongKind, expect_kind, raw_text, text_or_empty};
use crate::resource::{Path, Step};

/// Returns the value at the end of a path and the steps to it.
///
/// # Errors
/// [`PathError`] where a part does not fit the node it applies to.
pub(crate) fn find<'a>(root: &'a Node, parts: &[String]) -> Result<Option<(&'a Node, Path)>, PathError> {
    let mut found = root;
    let mut path = Path::new();
    for part in parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
    {
        let next = step(found, Segment::new(part)?, &mut path)?;
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some((found, path)))
}

fn step<'a>(node: &'a Node, part: Segment<'_>, path: &mut Path) -> Result<Option<&'a Node>, PathError> {
    let item = |position: Option<usize>, path: &mut Path| {
        let position = position?;
        path.push(Step::Item(position));
        node.items().get(position)
    };
    match part {
        Segment::All => Err(PathError::other("wildcard is not supported in PathGetter")),
        Segment::Field(name) => {
            // `expect_kind` accepts a null, in which `get` then finds nothing.
            expect_kind(node, MAPPING)?;
            path.push(Step::Key(name.into()));
            Ok(node.get(name))
        }
        Segment::Index(index) => {
            expect_kind(node, SEQUENCE)?;
            Ok(item(Some(index), path))
        }
        Segment::Last => {
            expect_kind(node, SEQUENCE)?;
            Ok(item(node.items().len().checked_sub(1), path))
        }
        Segment::Items(inner) => {
            let (key, value) = key_and_value(inner)?;
            expect_kind(node, SEQUENCE)?;
            let position = match key {
                "" => node.items().iter().position(|item| raw_text(item) == value),
                key => node
                    .items()
                    .iter()
                    .position(|item| item.get(key).is_some_and(|found| raw_text(found) == value)),
            };
            Ok(item(position, path))
        }
    }
}

/// Returns the text of a scalar or null, and fails for anything else.
pub(super) fn expect_scalar(node: &Node) -> Result<&str, WrongKind> {
    expect_kind(node, SCALAR)?;
    Ok(text_or_empty(node))
}

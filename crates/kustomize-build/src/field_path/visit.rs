//! Visits of all places that a path names, which are created on demand.
//!
//! Rules: `PathMatcher` in <https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/match.go>. Items
//! match by unanchored regular expressions.

use regex::Regex;
use source_tree::{Limits, Mark};
use yaml_node::{Anchors, Node, read_anchored, write_anchored};

use super::{PathError, in_brackets, key_and_value};
use crate::field_spec::MAX_PARTS;
use crate::node_edit::{MAPPING, SCALAR, SEQUENCE, expect_kind, kind_of, set_entry, untyped};
use crate::resource::{Path, Step};
use crate::selector;

/// The kind of node to create for a missing last part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Create {
    Scalar,
    Sequence,
    Mapping,
}

impl Create {
    /// The same kind as `value`.
    pub(crate) fn like(value: &Node) -> Self {
        match kind_of(value) {
            MAPPING => Create::Mapping,
            SEQUENCE => Create::Sequence,
            _ => Create::Scalar,
        }
    }

    fn make(self, mark: Mark) -> Node {
        let node = match self {
            Create::Scalar => return untyped("", mark),
            Create::Sequence => Node::sequence([]),
            Create::Mapping => Node::empty_mapping(),
        };
        node.with_mark(mark)
    }
}

/// Called for every place.
pub(crate) type Set<'a> = dyn FnMut(&mut Node, &[Step]) -> Result<(), PathError> + 'a;

/// A walk along a path.
pub(crate) struct Visit<'a> {
    /// Whether to create missing parts, and the kind of the last one.
    pub(crate) create: Option<Create>,
    /// The limits for parsing text inside scalars.
    pub(crate) limits: &'a Limits,
    /// The mark of created nodes.
    pub(crate) mark: Mark,
    /// The anchors of the text, if the walk is in a text inside a scalar.
    pub(crate) anchors: Anchors,
}

impl Visit<'_> {
    /// Calls `set` for every place that the path names and returns their number.
    ///
    /// # Errors
    /// [`PathError`] where a part does not fit the node it applies to, and the errors of `set`.
    pub(crate) fn run(
        &self,
        node: &mut Node,
        path: &[String],
        set: &mut Set<'_>,
    ) -> Result<usize, PathError> {
        if path.len() > MAX_PARTS {
            return Err(PathError::other(format!(
                "a field path has more than {MAX_PARTS} parts"
            )));
        }
        self.walk(node, path, &mut Path::new(), set)
    }

    /// The same walk in a text with these anchors.
    pub(crate) fn inside(&self, anchors: Anchors) -> Self {
        Visit { anchors, ..*self }
    }

    fn walk(
        &self,
        node: &mut Node,
        path: &[String],
        at: &mut Path,
        set: &mut Set<'_>,
    ) -> Result<usize, PathError> {
        let Some((part, rest)) = path.split_first() else {
            set(node, at)?;
            return Ok(1);
        };
        if let Some(index) = index_of(part) {
            return self.index(node, index, rest, at, set);
        }
        if let Some(inner) = in_brackets(part) {
            return self.matching_items(node, inner, rest, at, set);
        }
        if part == "*" {
            return self.items(node, rest, at, set, &|_| Ok(true));
        }
        self.field(node, part, rest, at, set)
    }

    fn field(
        &self,
        node: &mut Node,
        name: &str,
        rest: &[String],
        at: &mut Path,
        set: &mut Set<'_>,
    ) -> Result<usize, PathError> {
        if name.is_empty() {
            // An empty part means the scalar itself.
            let is_empty = super::find::expect_scalar(node)?.is_empty();
            return if is_empty && !node.is_null() {
                self.walk(node, rest, at, set)
            } else {
                Ok(0)
            };
        }
        expect_kind(node, MAPPING)?;
        let made = self.create.map(|create| kind_for(rest, create).make(self.mark));
        let Some(mapping) = node.as_mapping_mut() else {
            // Nodes created in a null are lost, without an error.
            return made.map_or(Ok(0), |mut made| self.walk(&mut made, rest, at, set));
        };
        if let Some(made) = made.filter(|_| mapping.position(name).is_none()) {
            set_entry(mapping, name, made);
        }
        let Some(field) = mapping.get_mut(name) else {
            return Ok(0);
        };
        if kind_of(field) == SCALAR && !rest.is_empty() {
            return self.inside_text(field, rest, set);
        }
        at.push(Step::Key(name.into()));
        let count = self.walk(field, rest, at, set);
        at.pop();
        count
    }

    // Follows a path into a scalar that holds YAML or JSON. Whatever `set` changes there is lost.
    fn inside_text(&self, scalar: &Node, rest: &[String], set: &mut Set<'_>) -> Result<usize, PathError> {
        let (mut parsed, anchors) = parse_scalar(scalar, self.limits)?;
        self.inside(anchors)
            .walk(&mut parsed, rest, &mut Path::new(), &mut |node, _| set(node, &[]))
    }

    fn index(
        &self,
        node: &mut Node,
        index: usize,
        rest: &[String],
        at: &mut Path,
        set: &mut Set<'_>,
    ) -> Result<usize, PathError> {
        expect_kind(node, SEQUENCE)?;
        let made = self.create.map(|create| kind_for(rest, create).make(self.mark));
        let length = node.items().len();
        let found = match (node.as_sequence_mut(), made) {
            (Some(sequence), Some(made)) if index == length => {
                sequence.items_mut().push(made);
                sequence.items_mut().get_mut(index)
            }
            (Some(sequence), _) if index < length => sequence.items_mut().get_mut(index),
            (None, Some(mut made)) if index == 0 => return self.walk(&mut made, rest, at, set),
            _ => None,
        };
        let Some(item) = found else {
            let message = format!("index {index} specified but only {length} elements found");
            return Err(PathError::other(message));
        };
        at.push(Step::Item(index));
        let count = self.walk(item, rest, at, set);
        at.pop();
        count
    }

    fn matching_items(
        &self,
        node: &mut Node,
        inner: &str,
        rest: &[String],
        at: &mut Path,
        set: &mut Set<'_>,
    ) -> Result<usize, PathError> {
        let (key, pattern) = key_and_value(inner)?;
        expect_kind(node, SEQUENCE)?;
        // Compiled only if an item is compared with it.
        let compile = || selector::regex(pattern).map_err(PathError::other);
        let matches = |item: &Node| -> Result<bool, PathError> {
            let text = match key {
                "" => Some(item),
                key => item.get(key),
            };
            text.map_or(Ok(false), |text| Ok(self.is_match(&compile()?, text)))
        };
        // A matching scalar ends the path, even if parts remain.
        let rest = if key.is_empty() { &[] } else { rest };
        let count = self.items(node, rest, at, set, &matches)?;
        if count > 0 || self.create.is_none() {
            return Ok(count);
        }
        let value = untyped(pattern, self.mark);
        let mut made = match key {
            "" => value,
            key => Node::mapping([(key, value)]).with_mark(self.mark),
        };
        let count = match node.as_sequence_mut() {
            Some(sequence) => {
                sequence.items_mut().push(made);
                self.items(node, rest, at, set, &matches)?
            }
            // Nodes created in a null are lost, without an error.
            None if matches(&made)? => self.walk(&mut made, rest, at, set)?,
            None => 0,
        };
        if count == 0 {
            return Err(PathError::other(format!(
                "failed to create element for \"[{inner}]\""
            )));
        }
        Ok(count)
    }

    fn items(
        &self,
        node: &mut Node,
        rest: &[String],
        at: &mut Path,
        set: &mut Set<'_>,
        wanted: &dyn Fn(&Node) -> Result<bool, PathError>,
    ) -> Result<usize, PathError> {
        expect_kind(node, SEQUENCE)?;
        let Some(sequence) = node.as_sequence_mut() else {
            return Ok(0);
        };
        let mut count = 0;
        for (index, item) in sequence.items_mut().iter_mut().enumerate() {
            if wanted(item)? {
                at.push(Step::Item(index));
                let found = self.walk(item, rest, at, set);
                at.pop();
                count += found?;
            }
        }
        Ok(count)
    }

    // Items are compared in their written form, with quotes and anchors.
    fn is_match(&self, regex: &Regex, value: &Node) -> bool {
        regex.is_match(write_anchored(value, &self.anchors).trim())
    }
}

/// Parses the YAML or JSON in a scalar, with aliases as nodes of their own. Only the first document counts.
///
/// # Errors
/// [`PathError`] if the scalar holds neither.
pub(crate) fn parse_scalar(scalar: &Node, limits: &Limits) -> Result<(Node, Anchors), PathError> {
    let text = scalar.text().unwrap_or_default();
    let first = read_anchored(text, limits).map_err(|error| PathError::other(error.to_string()))?;
    first.ok_or_else(|| PathError::other("wrong node kind: expected MappingNode but got Unknown"))
}

fn index_of(part: &str) -> Option<usize> {
    usize::try_from(part.parse::<i64>().ok()?).ok()
}

// The kind of node to create for a missing field: the one that the next part needs.
fn kind_for(rest: &[String], last: Create) -> Create {
    match rest.first() {
        None => last,
        Some(next) if next.is_empty() => last,
        Some(next) if in_brackets(next).is_some() || index_of(next).is_some() => Create::Sequence,
        Some(_) => Create::Mapping,
    }
}

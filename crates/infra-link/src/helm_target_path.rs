//! Paths into values, from `targetPath` of a `valuesFrom` entry.
//!
//! Grammar: Helm's strvals, <https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set>.

use flux_evaluate::{ValuePath, ValueStep};
use yaml_node::{Dialect, Node, Sequence, Tag, Value, resolve};

/// One step of a target path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key.
    Key(String),
    /// A position in a list.
    Index(usize),
}

/// Longest list that a target path may ask for. Helm's own bound is 65536; no chart needs it, and each path costs that.
const MAX_INDEX: usize = 1024;
/// Most steps of a path.
const MAX_STEPS: usize = 64;

/// `a.b[0].c\.d` as its steps; none where it is no path.
pub(crate) fn parse_target_path(text: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut key = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?),
            '.' => take_key(&mut key, &mut segments),
            '[' => {
                take_key(&mut key, &mut segments);
                let digits: String = chars.by_ref().take_while(|c| *c != ']').collect();
                segments.push(Segment::Index(
                    digits.parse().ok().filter(|index| *index <= MAX_INDEX)?,
                ));
            }
            c => key.push(c),
        }
    }
    take_key(&mut key, &mut segments);
    (1..=MAX_STEPS).contains(&segments.len()).then_some(segments)
}

fn take_key(key: &mut String, segments: &mut Vec<Segment>) {
    if !key.is_empty() {
        segments.push(Segment::Key(std::mem::take(key)));
    }
}

/// The path among values that a target path leads to.
pub(crate) fn value_path(text: &str) -> Option<ValuePath> {
    parse_target_path(text).map(|segments| path_of(&segments))
}

/// Segments as a path among values.
pub(crate) fn path_of(segments: &[Segment]) -> ValuePath {
    let steps = segments.iter().map(|segment| match segment {
        Segment::Key(key) => ValueStep::Key(key.clone()),
        Segment::Index(index) => ValueStep::Index(*index),
    });
    ValuePath(steps.collect())
}

/// The value as strvals types it: quoted text stays text.
pub(crate) fn typed_scalar(text: &str) -> Node {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Node::str(inner);
        }
    }
    match resolve(text, Dialect::V3) {
        tag @ (Tag::Bool | Tag::Int | Tag::Null) => Node::scalar(text, tag),
        _ => Node::str(text),
    }
}

/// Sets the value at a path, making what is missing on the way.
pub(crate) fn set_at(node: &mut Node, path: &[Segment], value: Node) {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    match first {
        Segment::Key(key) => {
            if node.as_mapping().is_none() {
                *node = Node::empty_mapping();
            }
            if let Some(mapping) = node.as_mapping_mut() {
                set_at(mapping.get_or_insert_with(key, Node::empty_mapping), rest, value);
            }
        }
        Segment::Index(index) => {
            if node.as_sequence().is_none() {
                *node = Node::new(Value::Sequence(Sequence::default()));
            }
            if let Some(items) = node.as_sequence_mut().map(Sequence::items_mut) {
                while items.len() <= *index {
                    items.push(Node::null());
                }
                if let Some(item) = items.get_mut(*index) {
                    set_at(item, rest, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_keys_positions_and_escapes() {
        let key = |text: &str| Segment::Key(text.to_owned());
        assert_eq!(
            parse_target_path(r"a.b\.c[2].d"),
            Some(vec![key("a"), key("b.c"), Segment::Index(2), key("d")])
        );
        assert_eq!(parse_target_path("a[x]"), None);
        assert_eq!(parse_target_path("a[99999999]"), None);
        assert_eq!(parse_target_path(""), None);
        assert_eq!(parse_target_path(&"a.".repeat(100_000)), None);
    }

    #[test]
    fn values_are_typed_unless_quoted() {
        assert_eq!(typed_scalar("8080").as_i64(), Some(8080));
        assert_eq!(typed_scalar("\"8080\"").as_str(), Some("8080"));
        assert_eq!(typed_scalar("x y").as_str(), Some("x y"));
    }

    #[test]
    fn what_is_missing_is_made() {
        let mut node = Node::empty_mapping();
        set_at(&mut node, &parse_target_path("a[1].b").unwrap(), Node::int(1));
        assert_eq!(node.get("a").map(|a| a.items().len()), Some(2));
        assert_eq!(
            node.get("a").and_then(|a| a.items()[1].get("b")?.as_i64()),
            Some(1)
        );
    }
}

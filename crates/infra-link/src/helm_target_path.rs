//! Paths into values, as in `targetPath` of a `valuesFrom` entry.
//!
//! Grammar: Helm's strvals, <https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set>.

use flux_evaluate::{ValuePath, ValueStep};
use yaml_node::{Dialect, Node, Sequence, Tag, Value, resolve};

/// Highest index of a target path. Helm's own bound is 65536; no chart needs it, and each path may make a list of that length.
const MAX_INDEX: usize = 1024;
/// Most steps of a path.
const MAX_STEPS: usize = 64;

/// Parses a path such as `a.b[0].c\.d`.
pub(crate) fn parse_target_path(text: &str) -> Option<ValuePath> {
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?),
            '.' => take_key(&mut key, &mut steps),
            '[' => {
                take_key(&mut key, &mut steps);
                let digits: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let index = digits.parse().ok().filter(|index| *index <= MAX_INDEX)?;
                steps.push(ValueStep::Index(index));
            }
            c => key.push(c),
        }
    }
    take_key(&mut key, &mut steps);
    (1..=MAX_STEPS).contains(&steps.len()).then_some(ValuePath(steps))
}

fn take_key(key: &mut String, steps: &mut Vec<ValueStep>) {
    if !key.is_empty() {
        steps.push(ValueStep::Key(std::mem::take(key)));
    }
}

/// The value with the type that strvals gives it: quoted text stays text.
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

/// Sets the value at a path, with the mappings and lists above it.
pub(crate) fn set_at(node: &mut Node, path: &[ValueStep], value: Node) {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    match first {
        ValueStep::Key(key) => {
            if node.as_mapping().is_none() {
                *node = Node::empty_mapping();
            }
            if let Some(mapping) = node.as_mapping_mut() {
                set_at(mapping.get_or_insert_with(key, Node::empty_mapping), rest, value);
            }
        }
        ValueStep::Index(index) => {
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
        let key = |text: &str| ValueStep::Key(text.to_owned());
        let steps = vec![key("a"), key("b.c"), ValueStep::Index(2), key("d")];
        assert_eq!(parse_target_path(r"a.b\.c[2].d"), Some(ValuePath(steps)));
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
    fn missing_parents_are_made() {
        let mut node = Node::empty_mapping();
        set_at(&mut node, &parse_target_path("a[1].b").unwrap().0, Node::int(1));
        assert_eq!(node.get("a").map(|a| a.items().len()), Some(2));
        assert_eq!(
            node.get("a").and_then(|a| a.items()[1].get("b")?.as_i64()),
            Some(1)
        );
    }
}

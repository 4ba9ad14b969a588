//! Values without styles and comments, as programs marshal them.

use std::borrow::Cow;

use super::emitter::Emitter;
use super::reread::reread_json;
use super::sort::sort_keys;
use super::{WIDTH, check_depth, write_key, write_string};
use crate::number::yaml_float;
use crate::typed::{Typed, typed};
use crate::{Dialect, Node, Scalar, Tag, Value, WriteError};

/// The output of `yaml.Marshal` of `sigs.k8s.io/yaml` for a value, with its final newline: JSON that go-yaml v2 reads
/// and writes again. Texts are folded at 80 columns, lists are in the column of their key, and keys in natural order.
///
/// Scalars are nulls, booleans, numbers spelled as in JSON, and strings. Styles are ignored.
///
/// # Errors
/// [`WriteError`] for text that go-yaml cannot read from JSON, such as U+007F.
pub fn write_marshalled(node: &Node) -> Result<String, WriteError> {
    let mut out = String::new();
    let mut emitter = Emitter::new(&mut out, WIDTH);
    write_v2(&mut emitter, node, false, 0)?;
    emitter.end_document();
    Ok(out)
}

fn write_v2(emitter: &mut Emitter<'_>, node: &Node, entry: bool, depth: usize) -> Result<(), WriteError> {
    check_depth(depth, node)?;
    let refuse = |message| WriteError::new(node.mark, message);
    match &node.value {
        Value::Scalar(scalar) => match typed(scalar, Dialect::Yaml11).map_err(refuse)? {
            Typed::Null => emitter.word("null"),
            Typed::Bool(true) => emitter.word("true"),
            Typed::Bool(false) => emitter.word("false"),
            Typed::Int(text) => emitter.word(&text),
            Typed::Float(float) => emitter.word(&yaml_float(float)),
            Typed::Str(text) => {
                let text = reread_json(&text, false).map_err(refuse)?;
                write_string(emitter, &text, Dialect::Yaml11);
            }
        },
        Value::Sequence(items) if items.is_empty() => emitter.empty("[]"),
        Value::Sequence(items) => {
            let outer = emitter.start_sequence(entry);
            for item in items.iter() {
                emitter.write_indent();
                emitter.indicator("-", true, true);
                write_v2(emitter, item, false, depth + 1)?;
            }
            emitter.indent = outer;
        }
        Value::Mapping(mapping) if mapping.is_empty() => emitter.empty("{}"),
        Value::Mapping(mapping) => {
            let outer = emitter.start_mapping();
            let mut entries: Vec<(Cow<'_, str>, &Node)> = mapping
                .iter()
                .map(|(key, value)| (Cow::Borrowed(key), value))
                .collect();
            sort_keys(&mut entries, Dialect::Yaml11);
            for (key, value) in entries {
                emitter.write_indent();
                write_key(
                    emitter,
                    &reread_json(&key, true).map_err(refuse)?,
                    Dialect::Yaml11,
                );
                write_v2(emitter, value, true, depth + 1)?;
            }
            emitter.indent = outer;
        }
    }
    Ok(())
}

/// The output of go-yaml v3's encoder with an indent of two for a value, with its final newline. Lists are indented,
/// and lines are not folded.
///
/// Scalars are as for [`write_marshalled`], with numbers spelled as by `%g`.
///
/// Keys keep their order: for a struct that of its fields, for a map that of [`natural_order`].
///
/// # Errors
/// [`WriteError`] if the tree is too deep.
pub fn write_indented(node: &Node) -> Result<String, WriteError> {
    let mut out = String::new();
    let mut emitter = Emitter::new(&mut out, usize::MAX);
    write_v3(&mut emitter, node, 0)?;
    emitter.end_document();
    Ok(out)
}

fn write_v3(emitter: &mut Emitter<'_>, node: &Node, depth: usize) -> Result<(), WriteError> {
    check_depth(depth, node)?;
    match &node.value {
        Value::Scalar(scalar) if scalar.tag == Tag::Str => write_string(emitter, &scalar.text, Dialect::V3),
        Value::Scalar(Scalar { text, tag, .. }) => {
            if *tag == Tag::Binary {
                emitter.word("!!binary");
            }
            emitter.word(text);
        }
        Value::Sequence(items) if items.is_empty() => emitter.empty("[]"),
        Value::Sequence(items) => {
            let outer = emitter.start_sequence(false);
            for item in items.iter() {
                emitter.write_indent();
                emitter.indicator("-", true, true);
                write_v3(emitter, item, depth + 1)?;
            }
            emitter.indent = outer;
        }
        Value::Mapping(mapping) if mapping.is_empty() => emitter.empty("{}"),
        Value::Mapping(mapping) => {
            let outer = emitter.start_mapping();
            for (key, value) in mapping.iter() {
                emitter.write_indent();
                write_key(emitter, key, Dialect::V3);
                write_v3(emitter, value, depth + 1)?;
            }
            emitter.indent = outer;
        }
    }
    Ok(())
}

/// Sorts the entries of a map as go-yaml v3 does: digits by number, letters after other characters.
pub fn natural_order(entries: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let mut order: Vec<(Cow<'_, str>, usize)> = entries
        .iter()
        .enumerate()
        .map(|(index, (key, _))| (Cow::Borrowed(key.as_str()), index))
        .collect();
    sort_keys(&mut order, Dialect::V3);
    let order: Vec<usize> = order.into_iter().map(|(_, index)| index).collect();
    let mut entries: Vec<Option<(String, Node)>> = entries.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|index| entries.get_mut(index)?.take())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Node {
        Node::mapping([
            (
                "a10",
                Node::sequence([Node::int(1), Node::mapping([("k", Node::str("yes"))])]),
            ),
            ("a2", Node::str("x: y")),
            ("on", Node::scalar("1e+21", Tag::Float)),
            ("text", Node::str("one\ntwo\n")),
            ("none", Node::null()),
            ("empty", Node::sequence([])),
        ])
    }

    #[test]
    fn lists_have_the_indent_of_their_key() {
        let expected = "a2: 'x: y'\na10:\n- 1\n- k: \"yes\"\nempty: []\nnone: null\n\"on\": 1e+21\ntext: |\n  one\n  two\n";
        assert_eq!(write_marshalled(&sample()).unwrap(), expected);
    }

    #[test]
    fn lists_are_indented() {
        let expected = "a10:\n  - 1\n  - k: \"yes\"\na2: 'x: y'\n\"on\": 1e+21\ntext: |\n  one\n  two\nnone: null\nempty: []\n";
        assert_eq!(write_indented(&sample()).unwrap(), expected);
    }

    #[test]
    fn only_marshalled_texts_are_folded() {
        let text = "word ".repeat(30);
        let node = Node::str(text.trim_end());
        assert_eq!(write_marshalled(&node).unwrap().lines().count(), 2);
        assert_eq!(write_indented(&node).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_tab_in_front_of_lines_is_kept() {
        let node = Node::str("\ta\nb");
        assert_eq!(write_marshalled(&node).unwrap(), "\"\\ta\\nb\"\n");
    }

    #[test]
    fn texts_that_go_yaml_cannot_read_back_are_refused() {
        assert!(write_marshalled(&Node::str("\u{7F}")).is_err());
        let mut deep = Node::null();
        for _ in 0..1000 {
            deep = Node::sequence([deep]);
        }
        assert!(write_marshalled(&deep).is_err());
        assert!(write_indented(&deep).is_err());
    }
}

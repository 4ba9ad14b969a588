//! Edits of fields as in kustomize, which keep the style of the old value.
//!
//! The rules are those of `FieldSetter` and its kin in kyaml
//! (<https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/fns.go>).

use smol_str::SmolStr;
use source_tree::Mark;
use thiserror::Error;
use yaml_node::{Dialect, Mapping, Node, Scalar, Style, Tag, Value, is_alias, resolve};

/// A value of the wrong kind.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("wrong node kind: expected {expected} but got {found}")]
pub(crate) struct WrongKind {
    expected: &'static str,
    found: &'static str,
    /// The value at fault.
    pub(crate) mark: Mark,
}

/// The kinds of nodes in kustomize's messages.
pub(crate) const MAPPING: &str = "MappingNode";
pub(crate) const SEQUENCE: &str = "SequenceNode";
pub(crate) const SCALAR: &str = "ScalarNode";
const ALIAS: &str = "AliasNode";

/// The kind of a node in kustomize's messages.
pub(crate) fn kind_of(node: &Node) -> &'static str {
    match node.value {
        Value::Mapping(_) => MAPPING,
        Value::Sequence(_) => SEQUENCE,
        Value::Scalar(_) if is_alias(node) => ALIAS,
        Value::Scalar(_) => SCALAR,
    }
}

/// Fails if a node is not null and not of the expected kind.
pub(crate) fn expect_kind(node: &Node, expected: &'static str) -> Result<(), WrongKind> {
    let found = kind_of(node);
    if node.is_null() || found == expected {
        return Ok(());
    }
    Err(WrongKind {
        expected,
        found,
        mark: node.mark,
    })
}

/// A scalar without a type: its text is resolved when it is written.
pub(crate) fn untyped(text: impl Into<SmolStr>, mark: Mark) -> Node {
    Node::scalar(text, Tag::Untyped).with_mark(mark)
}

/// A scalar's text; empty for null, lists and mappings.
pub(crate) fn text_or_empty(node: &Node) -> &str {
    if node.is_null() {
        return "";
    }
    raw_text(node)
}

/// A scalar's text as written, such as `~` for a null; empty for lists and mappings.
pub(crate) fn raw_text(node: &Node) -> &str {
    node.text().unwrap_or_default()
}

/// Whether a YAML 1.1 reader takes a plain scalar with this text for anything but a string.
pub(crate) fn is_yaml11_non_string(text: &str) -> bool {
    // go-yaml reads dates as strings in YAML 1.1, for compatibility.
    !text.is_empty()
        && !text.contains('\n')
        && !matches!(
            resolve(text, Dialect::Yaml11),
            Tag::Str | Tag::Timestamp | Tag::Merge
        )
}

/// Whether a YAML 1.1 reader would take a plain string for another type.
pub(crate) fn is_ambiguous(scalar: &Scalar) -> bool {
    let is_string = matches!(scalar.tag, Tag::Str | Tag::Untyped);
    is_string && scalar.style == Style::Plain && is_yaml11_non_string(&scalar.text)
}

/// Quotes a plain string that a YAML 1.1 reader would take for another type.
pub(crate) fn quote_if_ambiguous(scalar: &mut Scalar) {
    if is_ambiguous(scalar) {
        scalar.style = Style::DoubleQuoted;
    }
}

/// Replaces `old` by `value`, with the style of the old value.
pub(crate) fn overwrite(old: &mut Node, mut value: Node) {
    match (&mut value.value, &old.value) {
        (Value::Scalar(new), Value::Scalar(old)) => new.style = old.style,
        (Value::Scalar(new), _) => new.style = Style::Plain,
        (Value::Mapping(new), old) => new.flow = is_flow(old),
        (Value::Sequence(new), old) => new.flow = is_flow(old),
    }
    *old = value;
}

/// Whether a value is written in braces or brackets.
pub(crate) fn is_flow(value: &Value) -> bool {
    match value {
        Value::Mapping(mapping) => mapping.flow,
        Value::Sequence(sequence) => sequence.flow,
        Value::Scalar(_) => false,
    }
}

/// Sets a field of a mapping; a null value clears it.
///
/// # Errors
/// [`WrongKind`] if the node is not a mapping. A null is left unchanged.
pub(crate) fn set_field(node: &mut Node, key: &str, value: Node) -> Result<(), WrongKind> {
    expect_kind(node, MAPPING)?;
    if let Some(mapping) = node.as_mapping_mut() {
        set_entry(mapping, key, value);
    }
    Ok(())
}

/// [`set_field`] for a mapping.
pub(crate) fn set_entry(mapping: &mut Mapping, key: &str, mut value: Node) {
    if value.is_null() {
        mapping.remove(key);
        return;
    }
    match mapping.get_mut(key) {
        Some(old) => overwrite(old, value),
        None => {
            if let Some(scalar) = value.as_scalar_mut() {
                quote_if_ambiguous(scalar);
            }
            let key = new_key(key, value.mark);
            mapping.push(key, value);
        }
    }
}

/// A key as kustomize writes it: without a type, so that a key that looks like a number is one, and fails on output.
pub(crate) fn new_key(key: &str, mark: Mark) -> Node {
    match resolve(key, Dialect::V3) {
        Tag::Str => Node::str(key).with_mark(mark),
        _ => untyped(key, mark),
    }
}

/// A string value as kustomize stores it: a literal if it has several lines.
pub(crate) fn value_node(text: impl Into<SmolStr>, mark: Mark) -> Node {
    let mut scalar = Scalar::new(text, Tag::Str);
    if scalar.text.contains('\n') {
        scalar.style = Style::Literal;
    }
    Node::new(Value::Scalar(scalar)).with_mark(mark)
}

/// A mapping with keys as kustomize writes them.
pub(crate) fn texts<'a>(entries: impl IntoIterator<Item = (&'a str, Node)>) -> Mapping {
    let entries = entries
        .into_iter()
        .map(|(key, value)| (new_key(key, value.mark), value));
    Mapping::new(entries.collect())
}

/// Replaces a scalar and keeps its style. A null value changes nothing.
///
/// # Errors
/// [`WrongKind`] if the node is not a scalar.
pub(crate) fn set_scalar(node: &mut Node, value: Node) -> Result<(), WrongKind> {
    expect_kind(node, SCALAR)?;
    if !value.is_null() {
        overwrite(node, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Node {
        Node::new(Value::Scalar(Scalar {
            text: text.into(),
            style: Style::DoubleQuoted,
            tag: Tag::Str,
        }))
    }

    #[test]
    fn an_overwritten_scalar_keeps_its_quotes() {
        let mut node = Node::mapping([("a", quoted("3")), ("b", Node::int(3))]);
        set_field(&mut node, "a", Node::int(5)).unwrap();
        set_field(&mut node, "b", quoted("5")).unwrap();
        let style = |key: &str| node.get(key).and_then(Node::as_scalar).map(|scalar| scalar.style);
        assert_eq!(style("a"), Some(Style::DoubleQuoted));
        assert_eq!(style("b"), Some(Style::Plain));
    }

    #[test]
    fn a_new_string_is_quoted_where_old_readers_would_err() {
        for (text, expected) in [
            ("yes", true),
            ("7", true),
            ("x", false),
            ("2020-01-01", false),
            ("0o17", true),
        ] {
            let mut node = Node::empty_mapping();
            set_field(&mut node, "a", untyped(text, Mark::NONE)).unwrap();
            let style = node.get("a").and_then(Node::as_scalar).map(|scalar| scalar.style);
            assert_eq!(style == Some(Style::DoubleQuoted), expected, "{text}");
        }
    }

    #[test]
    fn a_null_clears_and_other_kinds_are_refused() {
        let mut node = Node::mapping([("a", Node::int(1))]);
        set_field(&mut node, "a", Node::null()).unwrap();
        assert!(node.get("a").is_none());
        let error = set_field(&mut Node::int(1), "a", Node::int(1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "wrong node kind: expected MappingNode but got ScalarNode"
        );
    }
}

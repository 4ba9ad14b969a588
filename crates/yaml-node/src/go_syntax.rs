//! Values in Go syntax, as go-yaml prints them in errors.

use std::collections::BTreeMap;

use crate::typed::{Typed, typed};
use crate::{Dialect, Node, Value};

/// A string as Go's `%q` and `%#v` print it.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{07}' => quoted.push_str("\\a"),
            '\u{08}' => quoted.push_str("\\b"),
            '\u{0C}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{0B}' => quoted.push_str("\\v"),
            '\0'..='\u{1F}' | '\u{7F}' => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            '\u{80}'..='\u{A0}' | '\u{AD}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A value that is not part of another, as `%#v` prints it.
pub(crate) fn top_value(node: &Node, dialect: Dialect) -> String {
    if node.is_null() {
        "<nil>".into()
    } else {
        value(node, dialect)
    }
}

/// A value within another, as `%#v` prints it.
pub(crate) fn value(node: &Node, dialect: Dialect) -> String {
    match &node.value {
        Value::Scalar(scalar) => match typed(scalar, dialect) {
            Ok(Typed::Null) | Err(_) => "interface {}(nil)".into(),
            Ok(Typed::Bool(value)) => value.to_string(),
            Ok(Typed::Int(text)) => text.into_owned(),
            Ok(Typed::Float(float)) => crate::number::yaml_float(float),
            Ok(Typed::Str(text)) => quote(&text),
        },
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|item| value(item, dialect)).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Mapping(mapping) => {
            let entries: BTreeMap<String, String> = mapping
                .entries()
                .iter()
                .map(|(key, entry)| (value(key, dialect), value(entry, dialect)))
                .collect();
            let strings = mapping.entries().iter().all(|(key, _)| key.as_str().is_some());
            let key_type = if strings && dialect == Dialect::V3 {
                "string"
            } else {
                "interface {}"
            };
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, entry)| format!("{key}:{entry}"))
                .collect();
            format!("map[{key_type}]interface {{}}{{{}}}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_in_go() {
        let node = Node::mapping([
            ("b", Node::sequence([Node::int(1), Node::bool(true)])),
            ("a", Node::null()),
        ]);
        assert_eq!(
            value(&node, Dialect::V3),
            r#"map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, true}}"#
        );
        assert_eq!(top_value(&Node::null(), Dialect::Yaml11), "<nil>");
        assert_eq!(quote("a\"\\\n\u{1}é"), r#""a\"\\\n\x01é""#);
    }
}

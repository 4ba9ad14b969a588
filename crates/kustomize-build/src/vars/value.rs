//! Values of vars.
//!
//! Rules: `GetFieldValue` in
//! <https://github.com/kubernetes-sigs/kustomize/blob/kyaml/v0.21.2/kyaml/yaml/rnode.go>.

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Node, Tag, Value};

use crate::field_path;

/// The value of a var and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VarValue {
    pub(super) value: Primitive,
    pub(super) mark: Mark,
    /// Whether it comes from a Secret, in which case the mark of any text with it must show that.
    pub(super) is_secret: bool,
}

/// The replacement of `$(NAME)`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Primitive {
    String(SmolStr),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// A mapping or a list, for which `$(NAME)` stays.
    Other,
}

/// Reads the value of a field. `None` if it is missing, or a number or boolean that Go cannot parse.
pub(super) fn read(object: &Node, path: &str) -> Option<VarValue> {
    let parts = indexes_apart(field_path::split(path));
    let (node, _) = field_path::find(object, &parts).ok()??;
    let value = match &node.value {
        Value::Mapping(_) | Value::Sequence(_) => {
            // It must still be convertible in Go.
            node.to_json().ok()?;
            Primitive::Other
        }
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Int => Primitive::Int(
                scalar
                    .text
                    .strip_prefix('+')
                    .unwrap_or(&scalar.text)
                    .parse()
                    .ok()?,
            ),
            Tag::Float => Primitive::Float(parse_float(&scalar.text)?),
            Tag::Bool => Primitive::Bool(parse_bool(&scalar.text)?),
            _ => Primitive::String(scalar.text.clone()),
        },
    };
    Some(VarValue {
        value,
        mark: node.mark,
        is_secret: object.text_at(&["kind"]) == Some("Secret"),
    })
}

// `ports[0]` becomes a field and an index.
fn indexes_apart(parts: Vec<String>) -> Vec<String> {
    let mut apart = Vec::with_capacity(parts.len());
    for part in parts {
        let indexed = part.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        match indexed
            .filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
        {
            Some((field, index)) => {
                if !field.is_empty() {
                    apart.push(field.to_owned());
                }
                apart.push(index.to_owned());
            }
            None => apart.push(part),
        }
    }
    apart
}

// Go's parser accepts underscores only with a base prefix, and infinity only without a dot.
fn parse_float(text: &str) -> Option<f64> {
    let is_decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    text.bytes().all(is_decimal).then(|| text.parse().ok()).flatten()
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_types() {
        let object = Node::mapping([
            ("s", Node::str("x")),
            ("i", Node::int(5)),
            ("b", Node::bool(true)),
            ("l", Node::sequence([Node::mapping([("c", Node::str("y"))])])),
            ("hex", Node::scalar("0x1F", Tag::Int)),
            ("float", Node::scalar("1.50", Tag::Float)),
        ]);
        let value = |path: &str| read(&object, path).map(|value| value.value);
        assert_eq!(value("s"), Some(Primitive::String("x".into())));
        assert_eq!(value("i"), Some(Primitive::Int(5)));
        assert_eq!(value("b"), Some(Primitive::Bool(true)));
        assert_eq!(value("l[0].c"), Some(Primitive::String("y".into())));
        assert_eq!(value("float"), Some(Primitive::Float(1.5)));
        assert_eq!(value("l"), Some(Primitive::Other));
        assert_eq!(value("hex"), None);
        assert_eq!(value("none"), None);
        assert_eq!(value("l[1].c"), None);
    }
}

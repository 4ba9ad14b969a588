//! Expansion of `$(NAME)` in fields.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/tree/api/v0.21.2/api/filters/refvar>.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Node, Scalar, Tag, Value};

use super::value::{Primitive, VarValue};
use crate::BuildError;
use crate::go_float::general_format;
use crate::resource::Step;

/// Values by name.
pub(super) type Values = HashMap<SmolStr, VarValue>;

/// The longest text that an expansion may produce, in bytes.
const MAX_TEXT: usize = 32 * 1024 * 1024;

/// Expands a string, or the strings of a mapping or list, and returns the steps from the field to the expanded strings.
pub(super) fn in_field(field: &mut Node, values: &Values) -> Result<Vec<Option<Step>>, BuildError> {
    let fail = |message: String, node: &Node| Err(BuildError::replacement(message).at(node.mark));
    let mut expanded = Vec::new();
    match &mut field.value {
        Value::Scalar(_) => {
            if expand(field, values)? {
                expanded.push(None);
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                let Some(key_text) = key.as_scalar().filter(|key| is_string(key)) else {
                    return fail(
                        format!("invalid map key: value='{}'", key.text().unwrap_or_default()),
                        key,
                    );
                };
                if expand(value, values)? {
                    expanded.push(Some(Step::Key(key_text.text.clone())));
                }
            }
        }
        Value::Sequence(sequence) => {
            for (index, item) in sequence.items_mut().iter_mut().enumerate() {
                if !item.as_scalar().is_some_and(is_string) {
                    return fail("invalid value type expect a string".into(), item);
                }
                if expand(item, values)? {
                    expanded.push(Some(Step::Item(index)));
                }
            }
        }
    }
    Ok(expanded)
}

fn is_string(scalar: &Scalar) -> bool {
    matches!(scalar.tag, Tag::Str | Tag::Untyped)
}

// Every string loses its style, even without vars.
fn expand(node: &mut Node, values: &Values) -> Result<bool, BuildError> {
    let Some(scalar) = node.as_scalar().filter(|scalar| is_string(scalar)) else {
        return Ok(false);
    };
    let expansion = expansion(&scalar.text, values);
    match &expansion {
        Expansion::Value(var) => node.mark = var.mark,
        Expansion::Text(_, Some(secret)) => node.mark = *secret,
        _ => {}
    }
    let new = match expansion {
        Expansion::Text(text, _) => Scalar::new(text, Tag::Str),
        Expansion::TooLong => {
            return Err(BuildError::limit("vars expand to a text that is too long").at(node.mark));
        }
        Expansion::Value(var) => match &var.value {
            Primitive::String(text) => Scalar::new(text.clone(), Tag::Str),
            Primitive::Int(int) => Scalar::new(int.to_string(), Tag::Int),
            Primitive::Float(float) => Scalar::new(float.to_string(), Tag::Float),
            Primitive::Bool(value) => Scalar::new(if *value { "true" } else { "false" }, Tag::Bool),
            Primitive::Other => return Ok(false),
        },
    };
    node.value = Value::Scalar(new);
    Ok(true)
}

enum Expansion<'a> {
    /// The text, and the mark of a value from a Secret in it.
    Text(SmolStr, Option<Mark>),
    /// The text would be longer than [`MAX_TEXT`].
    TooLong,
    /// The text is a single var, whose value keeps its type.
    Value(&'a VarValue),
}

fn expansion<'a>(text: &str, values: &'a Values) -> Expansion<'a> {
    if !text.contains('$') {
        return Expansion::Text(text.into(), None);
    }
    let single = text
        .strip_prefix("$(")
        .and_then(|rest| rest.strip_suffix(')'))
        .filter(|name| !name.contains(')'));
    if let Some(var) = single.and_then(|name| values.get(name))
        && var.value != Primitive::Other
    {
        return Expansion::Value(var);
    }
    let bytes = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let (mut at, mut secret) = (0, None);
    while let Some(byte) = bytes.get(at) {
        if out.len() > MAX_TEXT {
            return Expansion::TooLong;
        }
        let next = bytes.get(at + 1);
        match (byte, next) {
            (b'$', Some(b'$')) => {
                out.push(b'$');
                at += 2;
            }
            (b'$', Some(b'(')) => {
                let name = text
                    .get(at + 2..)
                    .and_then(|rest| rest.split_once(')'))
                    .map(|(name, _)| name);
                match name {
                    Some(name) => {
                        let var = values.get(name).filter(|var| var.is_secret);
                        secret = secret.or(var.map(|var| var.mark));
                        out.extend(in_text(name, values).bytes());
                        at += name.len() + 3;
                    }
                    None => {
                        out.extend(b"$(");
                        at += 2;
                    }
                }
            }
            (b'$', Some(other)) => {
                // Go converts the byte to a character, which is only right for ASCII.
                out.push(b'$');
                out.extend(char::from(*other).to_string().bytes());
                at += 2;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    let text = String::from_utf8(out).unwrap_or_else(|error| STANDARD.encode(error.into_bytes()));
    Expansion::Text(text.into(), secret)
}

fn in_text(name: &str, values: &Values) -> String {
    match values.get(name).map(|var| &var.value) {
        None | Some(Primitive::Other) => format!("$({name})"),
        Some(Primitive::String(text)) => text.to_string(),
        Some(Primitive::Int(int)) => int.to_string(),
        Some(Primitive::Float(float)) => general_format(*float, 21),
        Some(Primitive::Bool(value)) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand_text(text: &str) -> Node {
        let var = |value: Primitive| VarValue {
            value,
            mark: Mark::NONE,
            is_secret: false,
        };
        let values = Values::from([
            ("S".into(), var(Primitive::String("x".into()))),
            ("I".into(), var(Primitive::Int(5))),
            ("B".into(), var(Primitive::Bool(true))),
            ("F".into(), var(Primitive::Float(1.5))),
            ("M".into(), var(Primitive::Other)),
        ]);
        let mut node = Node::str(text);
        in_field(&mut node, &values).unwrap();
        node
    }

    #[test]
    fn a_var_alone_keeps_its_type() {
        for (text, expected) in [
            ("$(S)", Node::str("x")),
            ("$(I)", Node::int(5)),
            ("$(B)", Node::bool(true)),
            ("$(F)", Node::scalar("1.5", Tag::Float)),
            ("$(M)", Node::str("$(M)")),
        ] {
            assert!(expand_text(text).same_value(&expected), "{text}");
        }
    }

    #[test]
    fn vars_in_text_become_text() {
        for (text, expected) in [
            ("a$(S)b$(I)$(B)$(F)", "axb5true1.5"),
            ("$(NONE)", "$(NONE)"),
            ("$$(S)", "$(S)"),
            ("$$", "$"),
            ("$", "$"),
            ("$a", "$a"),
            ("$(S", "$(S"),
            ("$($(S))", "$($(S))"),
            ("a$(M)", "a$(M)"),
        ] {
            assert_eq!(expand_text(text).text(), Some(expected), "{text}");
        }
    }
}

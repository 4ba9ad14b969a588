//! JSON as Go's `encoding/json` writes it, and conversion from and to `serde_json` values.

use crate::entries::is_text;
use crate::json_string::write_string;
use crate::number::json_float;
use crate::typed::Typed;
use crate::write::{check_depth, duplicate_key, entries, explain, is_kept, scalar_value};
use crate::{Mapping, Node, Tag, Value, WriteError};

/// Compact JSON with keys in byte order and `<`, `>`, `&`, U+2028, U+2029 escaped: the output of kustomize's
/// `MarshalJSON` for a resource, over which ConfigMap hashes are computed.
///
/// # Errors
/// As [`write_document`](crate::write_document), except for characters that only YAML forbids.
pub fn to_go_json(node: &Node) -> Result<String, WriteError> {
    json_text(node).map_err(|error| explain(node, error))
}

/// As [`to_go_json`], with the error as found here instead of kustomize's.
pub(crate) fn json_text(node: &Node) -> Result<String, WriteError> {
    let mut out = String::new();
    write_json(node, 0, false, &mut out)?;
    Ok(out)
}

fn write_json(node: &Node, depth: usize, flow: bool, out: &mut String) -> Result<(), WriteError> {
    check_depth(depth, node)?;
    match &node.value {
        Value::Scalar(scalar) => match scalar_value(scalar, flow, node.mark)? {
            Typed::Null => out.push_str("null"),
            Typed::Bool(value) => out.push_str(if value { "true" } else { "false" }),
            Typed::Int(text) => out.push_str(&text),
            Typed::Float(float) => out.push_str(&json_float(float)),
            Typed::Str(text) if scalar.tag == Tag::Binary => {
                // Go escapes the replacement of a byte that is not UTF-8.
                let mut string = String::new();
                write_string(&text, &mut string);
                out.push_str(&string.replace('\u{FFFD}', "\\ufffd"));
            }
            Typed::Str(text) => write_string(&text, out),
        },
        Value::Sequence(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(item, depth + 1, flow || items.flow, out)?;
            }
            out.push(']');
        }
        Value::Mapping(mapping) => {
            let flow = flow || mapping.flow;
            let mut entries = entries(mapping, node, flow, depth == 0)?;
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(duplicate_key(&pair[1].0, node));
            }
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_json(value, depth + 1, flow, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Whether the few keys of a mapping are strings that are written as they are, each once. Most mappings are so, and need
/// no list of keys that is sorted.
fn has_plain_keys(mapping: &Mapping) -> bool {
    const MOST: usize = 8;
    let entries = mapping.entries();
    entries.len() <= MOST
        && entries.iter().enumerate().all(|(index, (key, _))| {
            let scalar = key.as_scalar().filter(|scalar| is_kept(scalar));
            let before = entries.iter().take(index);
            scalar.is_some_and(|scalar| !before.into_iter().any(|(key, _)| is_text(key, &scalar.text)))
        })
}

impl Node {
    /// The JSON value that Go would hold for this tree.
    ///
    /// # Errors
    /// As [`to_go_json`].
    pub fn to_json(&self) -> Result<serde_json::Value, WriteError> {
        self.json(0, false).map_err(|error| explain(self, error))
    }

    /// Fails if the tree has no JSON form, without which it cannot be applied.
    ///
    /// # Errors
    /// As [`to_go_json`].
    pub fn check_json(&self) -> Result<(), WriteError> {
        self.check(0, false).map_err(|error| explain(self, error))
    }

    fn check(&self, depth: usize, flow: bool) -> Result<(), WriteError> {
        check_depth(depth, self)?;
        match &self.value {
            Value::Scalar(scalar) if is_kept(scalar) => Ok(()),
            Value::Scalar(scalar) => scalar_value(scalar, flow, self.mark).map(|_| ()),
            Value::Sequence(items) => {
                let flow = flow || items.flow;
                items.iter().try_for_each(|item| item.check(depth + 1, flow))
            }
            Value::Mapping(mapping) if has_plain_keys(mapping) => {
                let flow = flow || mapping.flow;
                let mut entries = mapping.entries().iter();
                entries.try_for_each(|(_, value)| value.check(depth + 1, flow))
            }
            Value::Mapping(mapping) => {
                let flow = flow || mapping.flow;
                let entries = entries(mapping, self, flow, depth == 0)?;
                let mut keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
                keys.sort_unstable();
                if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
                    return Err(duplicate_key(pair[1], self));
                }
                entries
                    .iter()
                    .try_for_each(|(_, value)| value.check(depth + 1, flow))
            }
        }
    }

    fn json(&self, depth: usize, flow: bool) -> Result<serde_json::Value, WriteError> {
        check_depth(depth, self)?;
        Ok(match &self.value {
            Value::Scalar(scalar) => match scalar_value(scalar, flow, self.mark)? {
                Typed::Null => serde_json::Value::Null,
                Typed::Bool(value) => value.into(),
                Typed::Int(text) => match text.parse::<i64>() {
                    Ok(int) => int.into(),
                    Err(_) => text.parse::<u64>().unwrap_or(u64::MAX).into(),
                },
                Typed::Float(float) => float.into(),
                Typed::Str(text) => text.into_owned().into(),
            },
            Value::Sequence(items) => serde_json::Value::Array(
                items
                    .iter()
                    .map(|item| item.json(depth + 1, flow || items.flow))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Mapping(mapping) => {
                let mut object = serde_json::Map::new();
                let flow = flow || mapping.flow;
                for (key, value) in entries(mapping, self, flow, depth == 0)? {
                    if object.contains_key(&*key) {
                        return Err(duplicate_key(&key, self));
                    }
                    object.insert(key.into_owned(), value.json(depth + 1, flow)?);
                }
                serde_json::Value::Object(object)
            }
        })
    }

    /// A tree without places, from JSON.
    pub fn from_json(value: &serde_json::Value) -> Node {
        match value {
            serde_json::Value::Null => Node::null(),
            serde_json::Value::Bool(value) => Node::bool(*value),
            serde_json::Value::Number(number) => match number.as_f64() {
                Some(float) if !number.is_i64() && !number.is_u64() => {
                    Node::scalar(json_float(float), Tag::Float)
                }
                _ => Node::scalar(number.to_string(), Tag::Int),
            },
            serde_json::Value::String(text) => Node::str(text.as_str()),
            serde_json::Value::Array(items) => Node::sequence(items.iter().map(Node::from_json)),
            serde_json::Value::Object(object) => Node::mapping(
                object
                    .iter()
                    .map(|(key, value)| (key.as_str(), Node::from_json(value))),
            ),
        }
    }
}

//! JSON texts and values.

use serde_json::Value as Json;
use yaml_node::{Node, to_go_json};

use super::Type::{Any, Text};
use super::{Function, any, function, text};
use crate::slim::context::Context;
use crate::slim::value::{DEPTH, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "fromJson" => function(&[Text], None, |_, v| {
            Ok(from_json(text(v, 0)).unwrap_or(Value::Nil))
        }),
        "mustFromJson" => function(&[Text], None, |_, v| from_json(text(v, 0))),
        "toJson" => function(&[Any], None, |c, v| {
            Ok(Value::text(encode(any(v, 0), c, true, None)?.unwrap_or_default()))
        }),
        "mustToJson" => function(&[Any], None, |c, v| finite(encode(any(v, 0), c, true, None)?)),
        "toRawJson" | "mustToRawJson" => {
            function(&[Any], None, |c, v| finite(encode(any(v, 0), c, false, None)?))
        }
        "toPrettyJson" => function(&[Any], None, |c, v| {
            Ok(Value::text(
                encode(any(v, 0), c, true, Some(0))?.unwrap_or_default(),
            ))
        }),
        "mustToPrettyJson" => function(&[Any], None, |c, v| finite(encode(any(v, 0), c, true, Some(0))?)),
        _ => return None,
    })
}

/// Numbers are floats, as where Go does not know better.
fn from_json(text: &str) -> Result<Value, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))?;
    Ok(from_value(&json))
}

fn from_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.iter().map(from_value).collect()),
        Json::Object(object) => Value::map(
            object
                .iter()
                .map(|(key, value)| (key.as_str().into(), from_value(value)))
                .collect(),
        ),
    }
}

fn finite(text: Option<String>) -> Result<Value, String> {
    text.map(Value::text)
        .ok_or_else(|| "unsupported value: a float that is no number".into())
}

/// The text of a value; none where a float is infinite. `indent` is for two spaces per level.
fn encode(
    value: &Value,
    context: &Context,
    escape: bool,
    indent: Option<usize>,
) -> Result<Option<String>, String> {
    let mut out = String::new();
    let complete = write(value, context, escape, indent, 0, &mut out)?;
    Ok(complete.then_some(out))
}

fn write(
    value: &Value,
    context: &Context,
    escape: bool,
    indent: Option<usize>,
    depth: u32,
    out: &mut String,
) -> Result<bool, String> {
    context.spend(1)?;
    context.check_bytes(out.len())?;
    if depth > DEPTH {
        return Err("a value holds itself".into());
    }
    let inner = indent.map(|indent| indent + 1);
    let line = |out: &mut String, indent: Option<usize>| {
        if let Some(indent) = indent {
            out.push('\n');
            out.push_str(&"  ".repeat(indent));
        }
    };
    match value {
        Value::List(list) if list.nil => out.push_str("null"),
        Value::Map(map) if map.nil => out.push_str("null"),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, inner);
                if !write(item, context, escape, inner, depth + 1, out)? {
                    return Ok(false);
                }
            }
            if !list.items.is_empty() {
                line(out, indent);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            let entries = map.entries.borrow();
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(out, inner);
                out.push_str(&scalar(&Node::str(&**key), escape)?);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                if !write(item, context, escape, inner, depth + 1, out)? {
                    return Ok(false);
                }
            }
            if !entries.is_empty() {
                line(out, indent);
            }
            out.push('}');
        }
        Value::Float(float) if !float.is_finite() => return Ok(false),
        other => out.push_str(&scalar(&to_node(other, context, depth)?, escape)?),
    }
    Ok(true)
}

fn scalar(node: &Node, escape: bool) -> Result<String, String> {
    let text = to_go_json(node).map_err(|error| error.to_string())?;
    if escape {
        return Ok(text);
    }
    // Only these three are escaped for the sake of HTML.
    Ok(text
        .replace("\\u003c", "<")
        .replace("\\u003e", ">")
        .replace("\\u0026", "&"))
}

/// A value as a tree: what Go's encoders see of it.
pub(super) fn to_node(value: &Value, context: &Context, depth: u32) -> Result<Node, String> {
    context.spend(1)?;
    if depth > DEPTH {
        return Err("a value holds itself".into());
    }
    Ok(match value {
        Value::Unknown(reason) => return Err(reason.to_string()),
        Value::Nil => Node::null(),
        Value::Bool(value) => Node::bool(*value),
        Value::Int(value) | Value::Int64(value) => Node::int(*value),
        Value::Byte(value) => Node::int(i64::from(*value)),
        Value::Float(value) => Node::from_json(&Json::from(*value)),
        Value::Text(text) => Node::str(&**text),
        Value::List(list) if list.nil => Node::null(),
        Value::Map(map) if map.nil => Node::null(),
        Value::List(list) => {
            let items: Result<Vec<Node>, String> = list
                .items
                .iter()
                .map(|item| to_node(item, context, depth + 1))
                .collect();
            Node::sequence(items?)
        }
        Value::Map(map) => {
            let mut entries = Vec::new();
            for (key, item) in map.entries.borrow().iter() {
                entries.push((key.to_string(), to_node(item, context, depth + 1)?));
            }
            Node::mapping(entries)
        }
    })
}

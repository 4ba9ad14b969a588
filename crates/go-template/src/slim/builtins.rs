//! The functions that text/template itself brings.

use super::compare;
use super::context::Context;
use super::format::{print_all, sprint, sprintf};
use super::functions::{Function, Type};
use super::value::Value;

/// A built-in function; `and` and `or` are part of the language.
pub(super) fn find(name: &str) -> Option<Function> {
    use Type::{Any, Text};
    let function = |fixed, rest, call| Function { fixed, rest, call };
    Some(match name {
        "not" => function(&[Any], None, |_, v| Ok(Value::Bool(!v[0].truth()))),
        "len" => function(&[Any], None, |_, v| length(&v[0])),
        "index" => function(&[Any], Some(Any), |_, v| index(v)),
        "print" => function(&[], Some(Any), |c, v| Ok(Value::text(sprint(v, c)?))),
        "println" => function(&[], Some(Any), |c, v| Ok(Value::text(print_all(v, c)?))),
        "printf" => function(&[Text], Some(Any), |c, v| Ok(Value::text(sprintf(v, c)?))),
        "html" => function(&[], Some(Any), |c, v| Ok(Value::text(html(&shown(v, c)?)))),
        "urlquery" => function(&[], Some(Any), |c, v| Ok(Value::text(query(&shown(v, c)?)))),
        "eq" => function(&[Any], Some(Any), |_, v| Ok(Value::Bool(compare::eq(v)?))),
        "ne" => function(&[Any, Any], None, |_, v| Ok(Value::Bool(!compare::eq(v)?))),
        "lt" => function(&[Any, Any], None, |_, v| {
            Ok(Value::Bool(compare::less(&v[0], &v[1])?))
        }),
        "le" => function(&[Any, Any], None, |_, v| Ok(Value::Bool(less_or_equal(v)?))),
        "gt" => function(&[Any, Any], None, |_, v| Ok(Value::Bool(!less_or_equal(v)?))),
        "ge" => function(&[Any, Any], None, |_, v| {
            Ok(Value::Bool(!compare::less(&v[0], &v[1])?))
        }),
        _ => return None,
    })
}

fn less_or_equal(values: &[Value]) -> Result<bool, String> {
    Ok(compare::less(&values[0], &values[1])? || compare::eq(values)?)
}

fn length(value: &Value) -> Result<Value, String> {
    let length = match value {
        Value::Text(text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries.borrow().len(),
        Value::Nil => return Err("len of nil pointer".into()),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(values: &[Value]) -> Result<Value, String> {
    let mut item = values[0].clone();
    if let Value::Nil = item {
        return Err("index of untyped nil".into());
    }
    for index in &values[1..] {
        item = match &item {
            Value::Nil => return Err("index of nil pointer".into()),
            Value::Text(text) => Value::Byte(text.as_bytes()[position(index, text.len())?]),
            Value::List(list) => list.items[position(index, list.items.len())?].clone(),
            Value::Map(map) => match index {
                Value::Text(key) => {
                    map.get(key)
                        .unwrap_or(if map.texts { Value::text("") } else { Value::Nil })
                }
                Value::Nil => return Err("value is nil; should be of type string".into()),
                other => return Err(format!("value has type {}; should be string", other.type_name())),
            },
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
        if let Value::Unknown(reason) = &item {
            return Err(reason.to_string());
        }
    }
    Ok(item)
}

fn position(index: &Value, length: usize) -> Result<usize, String> {
    let index = match index {
        Value::Int(index) | Value::Int64(index) => *index,
        Value::Byte(index) => i64::from(*index),
        Value::Nil => return Err("cannot index slice/array with nil".into()),
        other => {
            return Err(format!(
                "cannot index slice/array with type {}",
                other.type_name()
            ));
        }
    };
    usize::try_from(index)
        .ok()
        .filter(|index| *index < length)
        .ok_or_else(|| format!("index out of range: {index}"))
}

/// Arguments as text, a nil among them as in an action.
fn shown(values: &[Value], context: &Context) -> Result<String, String> {
    let values: Vec<Value> = values
        .iter()
        .map(|value| match value {
            Value::Nil => Value::text("<no value>"),
            other => other.clone(),
        })
        .collect();
    sprint(&values, context)
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' => escaped.push('\u{FFFD}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => escaped.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte))
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

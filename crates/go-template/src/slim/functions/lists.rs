//! Functions on lists.

use super::Type::{Any, Int};
use super::math::to_int64;
use super::{Function, any, count, function, go_int, int};
use crate::slim::context::Context;
use crate::slim::value::{ListKind, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    // A function and its `must` twin fail alike: one by a panic, which is caught, the other by an error.
    let plain = name
        .strip_prefix("must")
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|rest| rest[..1].to_ascii_lowercase() + &rest[1..]);
    let name = plain.as_deref().unwrap_or(name);
    let only_plain = matches!(name, "list" | "tuple" | "concat");
    if plain.is_some() && only_plain {
        return None;
    }
    Some(match name {
        "list" | "tuple" => function(&[], Some(Any), |_, v| Ok(Value::list(v.to_vec()))),
        "append" | "push" => function(&[Any, Any], None, |_, v| {
            let items = items(any(v, 0), "push")?.iter().cloned();
            Ok(Value::list(items.chain([any(v, 1).clone()]).collect()))
        }),
        "prepend" => function(&[Any, Any], None, |_, v| {
            let items = items(any(v, 0), "prepend")?.iter().cloned();
            Ok(Value::list(
                [any(v, 1).clone()].into_iter().chain(items).collect(),
            ))
        }),
        "first" => function(&[Any], None, |_, v| {
            Ok(items(any(v, 0), "first")?.first().cloned().unwrap_or(Value::Nil))
        }),
        "last" => function(&[Any], None, |_, v| {
            Ok(items(any(v, 0), "last")?.last().cloned().unwrap_or(Value::Nil))
        }),
        "rest" => function(&[Any], None, |_, v| {
            Ok(match items(any(v, 0), "rest")?.split_first() {
                Some((_, rest)) => Value::list(rest.to_vec()),
                None => Value::nil_list(ListKind::Any),
            })
        }),
        "initial" => function(&[Any], None, |_, v| {
            Ok(match items(any(v, 0), "initial")?.split_last() {
                Some((_, initial)) => Value::list(initial.to_vec()),
                None => Value::nil_list(ListKind::Any),
            })
        }),
        "reverse" => function(&[Any], None, |_, v| {
            Ok(Value::list(
                items(any(v, 0), "reverse")?.iter().rev().cloned().collect(),
            ))
        }),
        "compact" => function(&[Any], None, |_, v| {
            let items = items(any(v, 0), "compact")?.iter();
            Ok(Value::list(items.filter(|item| item.truth()).cloned().collect()))
        }),
        "uniq" => function(&[Any], None, |c, v| {
            let mut unique: Vec<Value> = Vec::new();
            for item in items(any(v, 0), "uniq")? {
                if !holds(&unique, item, c)? {
                    unique.push(item.clone());
                }
            }
            Ok(Value::list(unique))
        }),
        "without" => function(&[Any], Some(Any), |c, v| {
            let mut left = Vec::new();
            for item in items(any(v, 0), "without")? {
                if !holds(v.get(1..).unwrap_or_default(), item, c)? {
                    left.push(item.clone());
                }
            }
            Ok(Value::list(left))
        }),
        "has" => function(&[Any, Any], None, |c, v| match any(v, 1) {
            Value::Nil => Ok(Value::Bool(false)),
            list => Ok(Value::Bool(holds(items(list, "has")?, any(v, 0), c)?)),
        }),
        "slice" => function(&[Any], Some(Any), |_, v| slice(v)),
        "concat" => function(&[], Some(Any), |_, v| {
            let mut all = Vec::new();
            for list in v {
                all.extend_from_slice(items(list, "concat")?);
            }
            Ok(if all.is_empty() {
                Value::nil_list(ListKind::Any)
            } else {
                Value::list(all)
            })
        }),
        "chunk" => function(&[Int, Any], None, |_, v| {
            let size = count(int(v, 0), "size")
                .ok()
                .filter(|size| *size > 0)
                .ok_or("the size must be positive")?;
            let chunks = items(any(v, 1), "chunk")?.chunks(size);
            Ok(Value::list_of(
                ListKind::Lists,
                chunks.map(|chunk| Value::list(chunk.to_vec())).collect(),
            ))
        }),
        _ => return None,
    })
}

fn items<'v>(value: &'v Value, what: &str) -> Result<&'v [Value], String> {
    value
        .elements()
        .ok_or_else(|| format!("cannot {what} on type {}", value.kind_name()))
}

fn holds(list: &[Value], item: &Value, context: &Context) -> Result<bool, String> {
    for other in list {
        if item.deep_equal(other, context)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slice(values: &[Value]) -> Result<Value, String> {
    let Value::List(list) = any(values, 0) else {
        return Err(format!(
            "list should be type of slice or array but {}",
            any(values, 0).kind_name()
        ));
    };
    if list.items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = values.get(1).map_or(0, to_int64);
    let end = values.get(2).map_or(go_int(list.items.len()), to_int64);
    let range = count(start, "index")?..count(end, "index")?;
    let part = list.items.get(range).ok_or("slice bounds out of range")?;
    Ok(Value::list_of(list.kind, part.to_vec()))
}

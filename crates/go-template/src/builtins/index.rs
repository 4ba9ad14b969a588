//! `len`, `index` and `slice`.

use crate::error::FunctionResult;
use crate::{FunctionError, Kind, Value};

/// The underlying value of a named type; other values as they are.
fn plain(value: &Value) -> Value {
    match &value.kind {
        Kind::Object(object) => object.underlying().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

/// `len`
pub(crate) fn len(value: &Value) -> FunctionResult<Value> {
    let item = plain(value);
    let length = match &item.kind {
        Kind::Text(text) | Kind::Bytes(text) => text.len(),
        Kind::List(list) => list.items().len(),
        Kind::Map(map) => map.len(),
        Kind::Nil => return Err("len of nil pointer".into()),
        _ => return Err(format!("len of type {}", value.type_name()).into()),
    };
    Ok(Value::size(length))
}

pub(super) fn index(value: &Value, indexes: &[Value]) -> FunctionResult<Value> {
    if value.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = value.clone();
    for index in indexes {
        item = match &plain(&item).kind {
            Kind::Nil => return Err("index of nil pointer".into()),
            Kind::Text(text) | Kind::Bytes(text) => {
                let at = position(index, text.len())?;
                let byte = text.as_bytes().get(at).ok_or_else(|| out_of_range(&item))?;
                Value::new(Kind::Uint8(*byte))
            }
            Kind::List(list) => {
                let at = position(index, list.items().len())?;
                list.items().get(at).cloned().ok_or_else(|| out_of_range(&item))?
            }
            Kind::Map(map) => match &plain(index).kind {
                Kind::Text(key) => map.get(key).unwrap_or_else(|| map.map_type().zero()),
                Kind::Nil => return Err("value is nil; should be of type string".into()),
                _ => {
                    let message = format!("value has type {}; should be string", index.type_name());
                    return Err(message.into());
                }
            },
            _ => return Err(format!("can't index item of type {}", item.type_name()).into()),
        };
    }
    Ok(item)
}

/// Go checks the capacity first, which an index equal to the length passes.
fn out_of_range(item: &Value) -> FunctionError {
    FunctionError::new(match item.kind {
        Kind::Text(_) => "reflect: string index out of range",
        _ => "reflect: slice index out of range",
    })
}

fn position(index: &Value, capacity: usize) -> FunctionResult<usize> {
    let index = plain(index);
    let number = match &index.kind {
        Kind::Int(number) | Kind::Int64(number) => *number,
        Kind::Uint8(number) => i64::from(*number),
        // Go converts to `int64`, so large numbers wrap.
        Kind::Uint64(number) => number.cast_signed(),
        Kind::Nil => return Err("cannot index slice/array with nil".into()),
        _ => return Err(format!("cannot index slice/array with type {}", index.type_name()).into()),
    };
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= capacity)
        .ok_or_else(|| format!("index out of range: {number}").into())
}

pub(super) fn slice(value: &Value, indexes: &[Value]) -> FunctionResult<Value> {
    let item = plain(value);
    if item.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let length = match &item.kind {
        Kind::Text(_) if indexes.len() == 3 => return Err("cannot 3-index slice a string".into()),
        Kind::Text(text) | Kind::Bytes(text) => text.len(),
        Kind::List(list) => list.items().len(),
        _ => return Err(format!("can't slice item of type {}", item.type_name()).into()),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    Ok(match &item.kind {
        Kind::Text(text) => Value::text(text.as_bytes().get(start..end).unwrap_or_default()),
        Kind::Bytes(text) => Value::bytes(text.as_bytes().get(start..end).unwrap_or_default()),
        Kind::List(list) => Value::list_of(
            list.list_type(),
            list.items().get(start..end).unwrap_or_default().to_vec(),
        ),
        _ => item.clone(),
    })
}

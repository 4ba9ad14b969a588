//! Values turn into their order: `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use std::cmp::Ordering;

use super::value::Value;

/// Whether the first value equals any of the others.
pub(super) fn eq(values: &[Value]) -> Result<bool, String> {
    let (first, others) = values.split_first().ok_or("missing argument for comparison")?;
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (Basic::of(a), Basic::of(b)) {
        (Some(x), Some(y)) => x.compare(&y).map(|order| order == Some(Ordering::Equal)),
        (None, None) => match (is_nil(a), is_nil(b)) {
            (false, false) if a.kind_name() == b.kind_name() => {
                Err(format!("non-comparable type {}", b.type_name()))
            }
            (false, false) => Err(format!(
                "non-comparable types {}, {}",
                a.type_name(),
                b.type_name()
            )),
            (a, b) => Ok(a == b),
        },
        _ if matches!(a, Value::Nil) || matches!(b, Value::Nil) => Ok(false),
        _ => Err(incompatible(a.type_name(), b.type_name())),
    }
}

pub(super) fn less(a: &Value, b: &Value) -> Result<bool, String> {
    let invalid = "invalid type for comparison";
    let (x, y) = (Basic::of(a).ok_or(invalid)?, Basic::of(b).ok_or(invalid)?);
    if matches!((&x, &y), (Basic::Bool(_), Basic::Bool(_))) {
        return Err(invalid.into());
    }
    x.compare(&y).map(|order| order == Some(Ordering::Less))
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.nil,
        Value::Map(map) => map.nil,
        _ => false,
    }
}

/// A value that Go's operators compare. Integers of all sizes are one kind.
enum Basic<'a> {
    Bool(bool),
    Int(i64),
    Byte(u8),
    Float(f64),
    Text(&'a str),
}

impl<'a> Basic<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Basic::Bool(*value),
            Value::Int(value) | Value::Int64(value) => Basic::Int(*value),
            Value::Byte(value) => Basic::Byte(*value),
            Value::Float(value) => Basic::Float(*value),
            Value::Text(text) => Basic::Text(text),
            Value::Nil | Value::List(_) | Value::Map(_) | Value::Unknown(_) => return None,
        })
    }

    /// The order; none where a float is no number.
    fn compare(&self, other: &Self) -> Result<Option<Ordering>, String> {
        Ok(match (self, other) {
            (Basic::Bool(a), Basic::Bool(b)) => Some(a.cmp(b)),
            (Basic::Int(a), Basic::Int(b)) => Some(a.cmp(b)),
            (Basic::Byte(a), Basic::Byte(b)) => Some(a.cmp(b)),
            (Basic::Int(a), Basic::Byte(b)) => Some(a.cmp(&i64::from(*b))),
            (Basic::Byte(a), Basic::Int(b)) => Some(i64::from(*a).cmp(b)),
            (Basic::Float(a), Basic::Float(b)) => a.partial_cmp(b),
            (Basic::Text(a), Basic::Text(b)) => Some(a.cmp(b)),
            _ => return Err(incompatible(self.name(), other.name())),
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Basic::Bool(_) => "bool",
            Basic::Int(_) => "int",
            Basic::Byte(_) => "uint8",
            Basic::Float(_) => "float64",
            Basic::Text(_) => "string",
        }
    }
}

fn incompatible(a: &str, b: &str) -> String {
    format!("incompatible types for comparison: {a} and {b}")
}

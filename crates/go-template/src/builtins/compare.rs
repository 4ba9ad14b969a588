//! `eq`, `ne`, `lt`, `le`, `gt` and `ge`.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::error::FunctionResult;
use crate::{Budget, FunctionError, Kind, Text, Value, fmt};

/// Whether the first value equals any of the others.
pub(super) fn eq(budget: &Budget, first: &Value, others: &[Value]) -> FunctionResult<bool> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal(budget, first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(budget: &Budget, a: &Value, b: &Value) -> FunctionResult<bool> {
    match (Basic::new(a), Basic::new(b)) {
        (Some(x), Some(y)) => Ok(x.compare(&y).ok_or_else(|| incompatible(a, b))? == Some(Ordering::Equal)),
        (None, None) => {
            let (a_nil, b_nil) = (is_nil(a), is_nil(b));
            let comparable_kinds = a.is_nil() || b.is_nil() || a.kind_name() == b.kind_name();
            if !comparable_kinds {
                let (x, y) = (shown(budget, a)?, fmt::sprint(std::slice::from_ref(b), budget)?);
                let (x_type, y_type) = (a.type_name(), b.type_name());
                return Err(format!("non-comparable types {x}: {x_type}, {y_type}: {y}").into());
            }
            if a_nil || b_nil {
                return Ok(a_nil == b_nil);
            }
            match (&a.kind, &b.kind) {
                (Kind::Object(a), Kind::Object(b)) if a.kind_name() == "ptr" => Ok(Rc::ptr_eq(a, b)),
                (Kind::Object(x), Kind::Object(y)) if x.kind_name() == "struct" => {
                    Ok(x.type_name() == y.type_name() && shown(budget, a)? == shown(budget, b)?)
                }
                _ => Err(format!("non-comparable type {}: {}", shown(budget, b)?, b.type_name()).into()),
            }
        }
        _ if a.is_nil() || b.is_nil() => Ok(false),
        _ => Err(incompatible(a, b)),
    }
}

/// The value formatted with `%s`, which is a wrong verb for most.
fn shown(budget: &Budget, value: &Value) -> FunctionResult<Text> {
    fmt::sprintf(b"%s", std::slice::from_ref(value), budget)
}

pub(super) fn less(a: &Value, b: &Value) -> FunctionResult<bool> {
    const INVALID: &str = "invalid type for comparison";
    let (x, y) = (Basic::new(a).ok_or(INVALID)?, Basic::new(b).ok_or(INVALID)?);
    let ordered = !matches!(
        (&x, &y),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..))
    );
    if !ordered {
        return Err(INVALID.into());
    }
    Ok(x.compare(&y).ok_or_else(|| incompatible(a, b))? == Some(Ordering::Less))
}

/// Whether a value is nil, typed or not.
fn is_nil(value: &Value) -> bool {
    match &value.kind {
        Kind::Nil => true,
        Kind::List(list) => list.is_nil(),
        Kind::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// A value that Go's operators compare. Integers of all types compare by number.
enum Basic {
    Bool(bool),
    Complex(f64, f64),
    Int(i128),
    Float(f64),
    Text(Text),
}

impl Basic {
    fn new(value: &Value) -> Option<Self> {
        Some(match &value.kind {
            Kind::Bool(value) => Basic::Bool(*value),
            Kind::Int(value) | Kind::Int64(value) => Basic::Int(i128::from(*value)),
            Kind::Uint8(value) => Basic::Int(i128::from(*value)),
            Kind::Uint64(value) => Basic::Int(i128::from(*value)),
            Kind::Float(value) => Basic::Float(*value),
            Kind::Complex(real, imaginary) => Basic::Complex(*real, *imaginary),
            Kind::Text(text) => Basic::Text(text.clone()),
            Kind::Object(object) => return Basic::new(&object.underlying()?),
            Kind::Nil | Kind::Bytes(_) | Kind::List(_) | Kind::Map(_) => return None,
        })
    }

    /// The outer `None` means that the kinds differ, the inner one that the values have no order, as with NaN.
    fn compare(&self, other: &Self) -> Option<Option<Ordering>> {
        Some(match (self, other) {
            (Basic::Bool(a), Basic::Bool(b)) => Some(a.cmp(b)),
            (Basic::Int(a), Basic::Int(b)) => Some(a.cmp(b)),
            (Basic::Float(a), Basic::Float(b)) => a.partial_cmp(b),
            (Basic::Text(a), Basic::Text(b)) => Some(a.cmp(b)),
            (Basic::Complex(a, b), Basic::Complex(c, d)) => (a == c && b == d).then_some(Ordering::Equal),
            _ => return None,
        })
    }
}

fn incompatible(a: &Value, b: &Value) -> FunctionError {
    let (a, b) = (a.type_name(), b.type_name());
    format!("incompatible types for comparison: {a} and {b}").into()
}

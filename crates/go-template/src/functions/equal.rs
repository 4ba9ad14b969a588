//! Equality as in `reflect.DeepEqual`: the same type and the same value.

use std::rc::Rc;

use super::MAX_DEPTH;
use crate::{Budget, FunctionError, Kind, Value};

pub(super) fn deep_equal(budget: &Budget, a: &Value, b: &Value) -> Result<bool, FunctionError> {
    equal_below(budget, a, b, 0)
}

fn equal_below(budget: &Budget, a: &Value, b: &Value, depth: u32) -> Result<bool, FunctionError> {
    budget.spend(2)?;
    if depth > MAX_DEPTH {
        return Err(FunctionError::limit("a value is too deep to compare"));
    }
    Ok(match (&a.kind, &b.kind) {
        (Kind::Nil, Kind::Nil) => true,
        (Kind::Bool(a), Kind::Bool(b)) => a == b,
        (Kind::Int(a), Kind::Int(b)) | (Kind::Int64(a), Kind::Int64(b)) => a == b,
        (Kind::Uint8(a), Kind::Uint8(b)) => a == b,
        (Kind::Uint64(a), Kind::Uint64(b)) => a == b,
        (Kind::Float(a), Kind::Float(b)) => a == b,
        (Kind::Complex(a, i), Kind::Complex(b, j)) => a == b && i == j,
        (Kind::Text(a), Kind::Text(b)) | (Kind::Bytes(a), Kind::Bytes(b)) => a == b,
        (Kind::List(a), Kind::List(b)) => {
            let alike = a.list_type() == b.list_type() && a.is_nil() == b.is_nil();
            if !alike || a.items().len() != b.items().len() {
                return Ok(false);
            }
            for (a, b) in a.items().iter().zip(b.items()) {
                if !equal_below(budget, a, b, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Kind::Map(a), Kind::Map(b)) => {
            let alike = a.map_type() == b.map_type() && a.is_nil() == b.is_nil();
            if !alike || a.len() != b.len() {
                return Ok(false);
            }
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            for ((k, a), (l, b)) in a.entries().iter().zip(b.entries().iter()) {
                if k != l || !equal_below(budget, a, b, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Kind::Object(a), Kind::Object(b)) => {
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            if a.type_name() != b.type_name() {
                return Ok(false);
            }
            match (a.underlying(), b.underlying()) {
                (Some(a), Some(b)) => return equal_below(budget, &a, &b, depth + 1),
                (None, None) => {}
                _ => return Ok(false),
            }
            let (a_fields, b_fields) = (a.fields(), b.fields());
            // Objects without fields compare by how they print.
            if a_fields.is_empty() {
                return Ok(a.string().is_some() && a.string() == b.string());
            }
            for ((_, a), (_, b)) in a_fields.iter().zip(&b_fields) {
                if !equal_below(budget, a, b, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

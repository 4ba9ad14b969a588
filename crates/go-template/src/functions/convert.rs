//! Conversions between types: to strings as in sprig, to numbers as in <https://github.com/spf13/cast> 1.7.

use std::borrow::Cow;

use go_std::strconv::{parse_float, parse_int};

use crate::{Caller, FunctionError, Kind, ListType, Text, Value};

/// A value as a string: strings and bytes unchanged, other values as `%v` prints them.
pub(super) fn to_text(caller: &mut dyn Caller<'_>, value: &Value) -> Result<Text, FunctionError> {
    match &value.kind {
        Kind::Text(text) | Kind::Bytes(text) => Ok(text.clone()),
        _ => sprint(caller, value),
    }
}

/// A value as `%v` prints it.
pub(super) fn sprint(caller: &mut dyn Caller<'_>, value: &Value) -> Result<Text, FunctionError> {
    match &value.kind {
        Kind::Text(text) => Ok(text.clone()),
        _ => crate::fmt::sprint(std::slice::from_ref(value), caller.budget()),
    }
}

/// The elements of a list as strings, without nils; any other value as the only string.
pub(super) fn texts_of(caller: &mut dyn Caller<'_>, value: &Value) -> Result<Vec<Text>, FunctionError> {
    let Some(items) = items(value) else {
        let single = (!value.is_nil()).then(|| to_text(caller, value));
        return single.into_iter().collect();
    };
    caller.budget().spend(items.len() as u64)?;
    items
        .iter()
        .filter(|item| !item.is_nil())
        .map(|item| to_text(caller, item))
        .collect()
}

/// The elements of a slice of any type.
pub(super) fn items(value: &Value) -> Option<Cow<'_, [Value]>> {
    match &value.kind {
        Kind::List(list) => Some(Cow::Borrowed(list.items())),
        _ => value.elements().map(Cow::Owned),
    }
}

/// The type of a slice's elements.
pub(super) fn list_type(value: &Value) -> ListType {
    match &value.kind {
        Kind::List(list) => list.list_type(),
        _ => ListType::Any,
    }
}

/// `cast.ToInt64`: 0 if the value is not a number.
pub(super) fn to_int(value: &Value) -> i64 {
    match &value.kind {
        Kind::Bool(value) => i64::from(*value),
        Kind::Int(value) | Kind::Int64(value) => *value,
        Kind::Uint8(value) => i64::from(*value),
        Kind::Uint64(value) => value.cast_signed(),
        Kind::Float(value) => float_to_int(*value),
        Kind::Text(text) => parse_int(without_zero_decimals(text.as_bytes()), 0).unwrap_or(0),
        // Months and weekdays.
        Kind::Object(object) if object.kind_name() == "int" => {
            object.underlying().map_or(0, |number| to_int(&number))
        }
        _ => 0,
    }
}

/// `cast.ToFloat64`: 0 if the value is not a number.
#[allow(clippy::cast_precision_loss, reason = "Go converts so too")]
pub(super) fn to_float(value: &Value) -> f64 {
    match &value.kind {
        Kind::Bool(value) => f64::from(*value),
        Kind::Int(value) | Kind::Int64(value) => *value as f64,
        Kind::Uint8(value) => f64::from(*value),
        Kind::Uint64(value) => *value as f64,
        Kind::Float(value) => *value,
        Kind::Text(text) => parse_float(text.as_bytes()).unwrap_or(0.0),
        Kind::Object(_) => to_int(value) as f64,
        _ => 0.0,
    }
}

/// Go's conversion on common processors: the smallest integer for a float that does not fit.
#[allow(clippy::cast_possible_truncation, reason = "checked")]
pub(super) fn float_to_int(float: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&float) {
        float as i64
    } else {
        i64::MIN
    }
}

/// A number without `.000` at its end.
fn without_zero_decimals(text: &[u8]) -> &[u8] {
    let zeros = text.iter().rev().take_while(|byte| **byte == b'0').count();
    let (before, _) = text.split_at(text.len() - zeros);
    match before.strip_suffix(b".") {
        Some(whole) if zeros > 0 => whole,
        _ => text,
    }
}

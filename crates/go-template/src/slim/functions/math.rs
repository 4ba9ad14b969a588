//! Functions on numbers.

use super::Type::{Any, Float, Int, Text};
use super::{Function, any, function, int, text};
use crate::slim::context::Context;
use crate::slim::format::shown;
use crate::slim::value::{ListKind, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "atoi" => function(&[Text], None, |_, v| Ok(Value::Int(atoi(text(v, 0))))),
        "int" => function(&[Any], None, |_, v| Ok(Value::Int(to_int64(any(v, 0))))),
        "int64" => function(&[Any], None, |_, v| Ok(Value::Int64(to_int64(any(v, 0))))),
        "float64" => function(&[Any], None, |_, v| Ok(Value::Float(to_float64(any(v, 0))))),
        "toDecimal" => function(&[Any], None, |c, v| {
            let digits = shown(any(v, 0), c)?;
            Ok(Value::Int64(i64::from_str_radix(&digits, 8).unwrap_or(0)))
        }),
        "add1" => function(&[Any], None, |_, v| {
            Ok(Value::Int64(to_int64(any(v, 0)).wrapping_add(1)))
        }),
        "add" => function(&[], Some(Any), |_, v| {
            Ok(Value::Int64(v.iter().map(to_int64).fold(0, i64::wrapping_add)))
        }),
        "sub" => function(&[Any, Any], None, |_, v| {
            Ok(Value::Int64(
                to_int64(any(v, 0)).wrapping_sub(to_int64(any(v, 1))),
            ))
        }),
        "mul" => function(&[Any], Some(Any), |_, v| {
            Ok(Value::Int64(v.iter().map(to_int64).fold(1, i64::wrapping_mul)))
        }),
        "div" => function(&[Any, Any], None, |_, v| {
            Ok(Value::Int64(
                to_int64(any(v, 0)).wrapping_div(divisor(any(v, 1))?),
            ))
        }),
        "mod" => function(&[Any, Any], None, |_, v| {
            Ok(Value::Int64(
                to_int64(any(v, 0)).wrapping_rem(divisor(any(v, 1))?),
            ))
        }),
        "max" | "biggest" => function(&[Any], Some(Any), |_, v| {
            Ok(Value::Int64(v.iter().map(to_int64).max().unwrap_or_default()))
        }),
        "min" => function(&[Any], Some(Any), |_, v| {
            Ok(Value::Int64(v.iter().map(to_int64).min().unwrap_or_default()))
        }),
        "maxf" => function(&[Any], Some(Any), |_, v| {
            Ok(Value::Float(extreme(v, |a, b| a > b)))
        }),
        "minf" => function(&[Any], Some(Any), |_, v| {
            Ok(Value::Float(extreme(v, |a, b| a < b)))
        }),
        "ceil" => function(&[Any], None, |_, v| {
            Ok(Value::Float(to_float64(any(v, 0)).ceil()))
        }),
        "floor" => function(&[Any], None, |_, v| {
            Ok(Value::Float(to_float64(any(v, 0)).floor()))
        }),
        "round" => function(&[Any, Int], Some(Float), |_, v| Ok(Value::Float(round(v)))),
        "until" => function(&[Int], None, |c, v| {
            let end = int(v, 0);
            Ok(int_list(steps(0, end, if end < 0 { -1 } else { 1 }, c)?))
        }),
        "untilStep" => function(&[Int, Int, Int], None, |c, v| {
            Ok(int_list(steps(int(v, 0), int(v, 1), int(v, 2), c)?))
        }),
        "seq" => function(&[], Some(Int), seq),
        _ => return None,
    })
}

/// A value as an integer: texts are read, everything that is no number is 0.
pub(super) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Text(text) => text.parse().unwrap_or(0),
        Value::Int(value) | Value::Int64(value) => *value,
        Value::Byte(value) => i64::from(*value),
        Value::Float(value) => {
            // What does not fit is the smallest number, as the processor converts it.
            if value.is_nan() || value.abs() >= 9_223_372_036_854_775_808.0 {
                i64::MIN
            } else {
                #[expect(clippy::cast_possible_truncation, reason = "checked")]
                {
                    *value as i64
                }
            }
        }
        Value::Bool(value) => i64::from(*value),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Unknown(_) => 0,
    }
}

fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Text(text) => float_of(text),
        Value::Float(value) => *value,
        #[expect(clippy::cast_precision_loss, reason = "Go's conversion")]
        other => to_int64(other) as f64,
    }
}

/// As `strconv.ParseFloat`, which has no exponent of the form `1e` and knows `inf`.
fn float_of(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// As `strconv.Atoi` whose error is dropped: a number that is too large is the largest one.
fn atoi(text: &str) -> i64 {
    match text.parse::<i64>() {
        Ok(number) => number,
        Err(error) => match error.kind() {
            std::num::IntErrorKind::PosOverflow => i64::MAX,
            std::num::IntErrorKind::NegOverflow => i64::MIN,
            _ => 0,
        },
    }
}

fn divisor(value: &Value) -> Result<i64, String> {
    match to_int64(value) {
        0 => Err("integer divide by zero".into()),
        divisor => Ok(divisor),
    }
}

fn extreme(values: &[Value], better: fn(f64, f64) -> bool) -> f64 {
    let mut numbers = values.iter().map(to_float64);
    let first = numbers.next().unwrap_or_default();
    numbers.fold(first, |best, number| {
        if best.is_nan() || number.is_nan() {
            f64::NAN
        } else if better(number, best) {
            number
        } else {
            best
        }
    })
}

fn round(values: &[Value]) -> f64 {
    let round_on = match values.get(2) {
        Some(Value::Float(value)) => *value,
        _ => 0.5,
    };
    let places = i32::try_from(int(values, 1)).unwrap_or(i32::MAX);
    let power = 10_f64.powi(places);
    let digit = power * to_float64(any(values, 0));
    let rounded = if digit.fract() >= round_on {
        digit.ceil()
    } else {
        digit.floor()
    };
    rounded / power
}

/// The numbers from `start` on that are before `end`; none where the step leads away from it.
fn steps(start: i64, end: i64, step: i64, context: &Context) -> Result<Vec<i64>, String> {
    if (end < start && step >= 0) || (end >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let distance = end.abs_diff(start);
    let size = step.unsigned_abs();
    context.spend(distance.div_ceil(size))?;
    let mut numbers = Vec::new();
    let mut next = Some(start);
    while let Some(number) = next.filter(|number| if step > 0 { *number < end } else { *number > end }) {
        numbers.push(number);
        next = number.checked_add(step);
    }
    Ok(numbers)
}

fn int_list(numbers: Vec<i64>) -> Value {
    Value::list_of(ListKind::Int, numbers.into_iter().map(Value::Int).collect())
}

fn seq(context: &Context, values: &[Value]) -> Result<Value, String> {
    let (start, step, end) = match values.len() {
        1 => (1, None, int(values, 0)),
        2 => (int(values, 0), None, int(values, 1)),
        3 => (int(values, 0), Some(int(values, 1)), int(values, 2)),
        _ => return Ok(Value::text("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if direction < 0 && step.is_some_and(|step| step > 0) {
        return Ok(Value::text(""));
    }
    let numbers = steps(
        start,
        end.saturating_add(direction),
        step.unwrap_or(direction),
        context,
    )?;
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(Value::text(texts.join(" ")))
}

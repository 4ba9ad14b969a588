//! Arithmetic on wrapping 64-bit integers, decimals and floats.

use go_std::strconv::parse_int;

use super::convert::{sprint, to_float, to_int};
use super::decimal::Decimal;
use super::result::Result;
use crate::Type::{Any, Float, Int, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, ListType, Value};

const MAX: Function = Function::variadic(&[Any], Any, |_, a| integers(a, Ord::max));

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "add",
        Function::variadic(&[], Any, |_, a| {
            Ok(Value::int64(
                a.rest(0).iter().map(to_int).fold(0, i64::wrapping_add),
            ))
        }),
    ),
    (
        "add1",
        Function::new(&[Any], |_, a| Ok(Value::int64(to_int(a.any(0)).wrapping_add(1)))),
    ),
    (
        "add1f",
        Function::new(&[Any], |c, a| {
            decimals(c, a.any(0), &[Value::int(1)], |a, b| Ok(a.add(b)))
        }),
    ),
    (
        "addf",
        Function::variadic(&[], Any, |c, a| {
            decimals(c, &Value::float(0.0), a.rest(0), |a, b| Ok(a.add(b)))
        }),
    ),
    (
        "atoi",
        Function::new(&[Str], |_, a| Ok(Value::int(atoi(a.bytes(0))))),
    ),
    ("biggest", MAX),
    (
        "ceil",
        Function::new(&[Any], |_, a| Ok(Value::float(to_float(a.any(0)).ceil()))),
    ),
    (
        "div",
        Function::new(&[Any, Any], |_, a| divide(a, i64::wrapping_div)),
    ),
    (
        "divf",
        Function::variadic(&[Any], Any, |c, a| decimals(c, a.any(0), a.rest(1), Decimal::div)),
    ),
    (
        "float64",
        Function::new(&[Any], |_, a| Ok(Value::float(to_float(a.any(0))))).keeping_mark(),
    ),
    (
        "floor",
        Function::new(&[Any], |_, a| Ok(Value::float(to_float(a.any(0)).floor()))),
    ),
    (
        "int",
        Function::new(&[Any], |_, a| Ok(Value::int(to_int(a.any(0))))).keeping_mark(),
    ),
    (
        "int64",
        Function::new(&[Any], |_, a| Ok(Value::int64(to_int(a.any(0))))).keeping_mark(),
    ),
    ("max", MAX),
    ("maxf", Function::variadic(&[Any], Any, |_, a| floats(a, go_max))),
    (
        "min",
        Function::variadic(&[Any], Any, |_, a| integers(a, Ord::min)),
    ),
    (
        "minf",
        Function::variadic(&[Any], Any, |_, a| floats(a, |a, b| -go_max(-a, -b))),
    ),
    (
        "mod",
        Function::new(&[Any, Any], |_, a| divide(a, i64::wrapping_rem)),
    ),
    (
        "mul",
        Function::variadic(&[Any], Any, |_, a| integers(a, i64::wrapping_mul)),
    ),
    (
        "mulf",
        Function::variadic(&[Any], Any, |c, a| {
            decimals(c, a.any(0), a.rest(1), |a, b| Ok(a.mul(b)))
        }),
    ),
    ("round", Function::variadic(&[Any, Int], Float, round)),
    ("seq", Function::variadic(&[], Int, seq)),
    (
        "sub",
        Function::new(&[Any, Any], |_, a| {
            Ok(Value::int64(to_int(a.any(0)).wrapping_sub(to_int(a.any(1)))))
        }),
    ),
    (
        "subf",
        Function::variadic(&[Any], Any, |c, a| {
            decimals(c, a.any(0), a.rest(1), |a, b| Ok(a.sub(b)))
        }),
    ),
    ("toDecimal", Function::new(&[Any], to_decimal)),
    ("until", Function::new(&[Int], until)),
    ("untilStep", Function::new(&[Int, Int, Int], until_step)),
];

fn integers(arguments: Arguments<'_>, step: fn(i64, i64) -> i64) -> Result {
    let first = to_int(arguments.any(0));
    Ok(Value::int64(
        arguments.rest(1).iter().map(to_int).fold(first, step),
    ))
}

fn floats(arguments: Arguments<'_>, step: fn(f64, f64) -> f64) -> Result {
    let first = to_float(arguments.any(0));
    Ok(Value::float(
        arguments.rest(1).iter().map(to_float).fold(first, step),
    ))
}

/// `math.Max`: infinity wins over NaN, which wins over all others.
fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        return f64::INFINITY;
    }
    if a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    if a == 0.0 && b == 0.0 {
        return if a.is_sign_negative() { b } else { a };
    }
    if a > b { a } else { b }
}

/// `strconv.Atoi` without its error: 0 if the text is not a number, and the nearest `int` if it is out of range.
pub(super) fn atoi(text: &[u8]) -> i64 {
    let digits = text
        .strip_prefix(b"-")
        .or(text.strip_prefix(b"+"))
        .unwrap_or(text);
    let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    match parse_int(text, 10) {
        Some(value) => value,
        None if number && text.starts_with(b"-") => i64::MIN,
        None if number => i64::MAX,
        None => 0,
    }
}

fn divide(arguments: Arguments<'_>, operation: fn(i64, i64) -> i64) -> Result {
    let (a, b) = (to_int(arguments.any(0)), to_int(arguments.any(1)));
    if b == 0 {
        return Err("runtime error: integer divide by zero".into());
    }
    Ok(Value::int64(operation(a, b)))
}

/// Most bits of a decimal; the result is a float, which has no use for more.
const MAX_BITS: u64 = 100_000;

fn decimals(
    caller: &mut dyn Caller<'_>,
    first: &Value,
    others: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> std::result::Result<Decimal, String>,
) -> Result {
    let mut sum = Decimal::from_float(to_float(first))?;
    for other in others {
        sum = operation(&sum, &Decimal::from_float(to_float(other))?)?;
        caller.budget().spend(16 + sum.bits() / 16)?;
        if sum.bits() > MAX_BITS {
            return Err(FunctionError::limit("a number is too long"));
        }
    }
    Ok(Value::float(sum.to_float()))
}

/// Rounds to decimals. A fraction that reaches the third argument is rounded up; those of negative numbers never are.
#[allow(clippy::float_cmp, reason = "as Go does")]
fn round(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let up_from = arguments.rest(2).first().map_or(0.5, to_float);
    let power = power_of_ten(arguments.int(1));
    let digit = power * to_float(arguments.any(0));
    let fraction = digit - digit.trunc();
    let rounded = if fraction >= up_from {
        digit.ceil()
    } else {
        digit.floor()
    };
    Ok(Value::float(rounded / power))
}

/// `math.Pow(10, exponent)`, by squaring a mantissa between a half and one as Go does.
fn power_of_ten(exponent: i64) -> f64 {
    let (mut result, mut result_exponent) = (1.0_f64, 0_i64);
    // 10 is 0.625 × 2^4.
    let (mut square, mut square_exponent) = (0.625_f64, 4_i64);
    let mut bits = exponent.unsigned_abs();
    while bits != 0 {
        if !(-4096..=4096).contains(&square_exponent) {
            result_exponent += square_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        bits >>= 1;
    }
    if exponent < 0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    // In steps, since the power of two may be out of range although the product is not.
    let mut left = result_exponent.clamp(-5000, 5000);
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        result *= 2_f64.powi(i32::try_from(step).unwrap_or(0));
        left -= step;
    }
    result
}

fn to_decimal(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = sprint(caller, arguments.any(0))?;
    Ok(Value::int64(parse_int(text.as_bytes(), 8).unwrap_or(0)))
}

fn until(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let count = arguments.int(0);
    steps(caller, 0, count, if count < 0 { -1 } else { 1 }).map(int_list)
}

fn until_step(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    steps(caller, arguments.int(0), arguments.int(1), arguments.int(2)).map(int_list)
}

fn int_list(numbers: Vec<i64>) -> Value {
    Value::list_of(ListType::Int, numbers.into_iter().map(Value::int).collect())
}

/// The numbers from `start` up to `end`, exclusive.
fn steps(caller: &mut dyn Caller<'_>, start: i64, end: i64, step: i64) -> Result<Vec<i64>> {
    if (end < start && step >= 0) || (end >= start && step <= 0) {
        return Ok(Vec::new());
    }
    let count = end.abs_diff(start).div_ceil(step.unsigned_abs());
    caller.budget().spend(count)?;
    let size = usize::try_from(count).unwrap_or(usize::MAX);
    caller.budget().allocate_values(size)?;
    let mut numbers = Vec::with_capacity(size);
    let mut next = Some(start);
    while let Some(number) = next.filter(|number| if step > 0 { *number < end } else { *number > end }) {
        numbers.push(number);
        next = number.checked_add(step);
    }
    Ok(numbers)
}

fn seq(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let (start, step, end) = match arguments.len() {
        1 => (1, None, arguments.int(0)),
        2 => (arguments.int(0), None, arguments.int(1)),
        3 => (arguments.int(0), Some(arguments.int(1)), arguments.int(2)),
        _ => return Ok(Value::text("")),
    };
    let direction = if end < start { -1 } else { 1 };
    if direction < 0 && step.is_some_and(|step| step > 0) {
        return Ok(Value::text(""));
    }
    let numbers = steps(
        caller,
        start,
        end.wrapping_add(direction),
        step.unwrap_or(direction),
    )?;
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(Value::text(texts.join(" ")))
}

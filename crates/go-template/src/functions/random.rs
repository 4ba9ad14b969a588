//! Random results, which are placeholders of the right form.

use super::encoding::encode_base64;
use super::result::{RANDOM, Result};
use crate::Type::{Int, Text as Str};
use crate::{Arguments, Caller, Function, Value};

const ALPHANUMERIC: Function = Function::new(&[Int], |c, a| {
    characters(c, a, "abcdefghijklmnopqrstuvwxyz0123456789")
});

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "randAlpha",
        Function::new(&[Int], |c, a| characters(c, a, "abcdefghijklmnopqrstuvwxyz")),
    ),
    ("randAlphaNum", ALPHANUMERIC),
    ("randAscii", ALPHANUMERIC),
    ("randBytes", Function::new(&[Int], bytes)),
    ("randInt", Function::new(&[Int, Int], int)),
    (
        "randNumeric",
        Function::new(&[Int], |c, a| characters(c, a, "0123456789")),
    ),
    (
        "shuffle",
        Function::new(&[Str], |_, a| Ok(Value::unknown(a.any(0).clone(), RANDOM))),
    ),
    (
        "uuidv4",
        Function::new(&[], |_, _| {
            Ok(Value::unknown(
                Value::text("00000000-0000-4000-8000-000000000000"),
                RANDOM,
            ))
        }),
    ),
];

/// Characters of a class; an empty string if the count is not positive.
fn characters(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>, class: &str) -> Result {
    let count = usize::try_from(arguments.int(0)).unwrap_or(0);
    caller.budget().reserve(count)?;
    caller.budget().spend(count as u64 / 16)?;
    let text: String = class.chars().cycle().take(count).collect();
    Ok(Value::unknown(Value::text(text), RANDOM))
}

fn bytes(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let Ok(count) = usize::try_from(arguments.int(0)) else {
        return Err("runtime error: makeslice: len out of range".into());
    };
    let length = count.saturating_mul(2);
    caller.budget().reserve(length)?;
    caller.budget().spend(count as u64 / 16)?;
    Ok(Value::unknown(
        Value::text(encode_base64(vec![0_u8; count])),
        RANDOM,
    ))
}

fn int(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let (least, end) = (arguments.int(0), arguments.int(1));
    match end.wrapping_sub(least) {
        ..=0 => Err("invalid argument to Intn".into()),
        1 => Ok(Value::int(least)),
        _ => Ok(Value::unknown(Value::int(least), RANDOM)),
    }
}

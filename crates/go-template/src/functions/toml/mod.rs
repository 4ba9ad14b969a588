//! Reading and writing of TOML, as Helm does with <https://github.com/BurntSushi/toml> 1.6.

mod local;
mod read;
mod strings;
mod tables;
mod value;
mod write;

use super::json::error_map;
use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Caller, Function, Value};

/// Helm's functions, which return errors in the result.
pub(super) const HELM: &[(&str, Function)] = &[
    ("fromToml", Function::new(&[Str], from_toml)),
    (
        "mustToToml",
        Function::new(&[Any], |c, a| {
            write::write(c.budget(), a.any(0)).map_err(write::Failure::into_error)
        }),
    ),
    ("toToml", Function::new(&[Any], to_toml)),
];

fn to_toml(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    match write::write(caller.budget(), arguments.any(0)) {
        Ok(text) => Ok(text),
        Err(write::Failure::Encoding(error)) => Ok(Value::text(error)),
        Err(write::Failure::Other(error)) => Err(error),
    }
}

fn from_toml(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(0);
    caller.budget().spend(text.len() as u64 * 2)?;
    caller.budget().allocate(text.len().saturating_mul(16))?;
    match read::read(text.as_bytes()) {
        Ok(value) => Ok(value),
        Err(error) => Ok(error_map(error)),
    }
}

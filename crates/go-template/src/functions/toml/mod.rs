//! TOML texts and values, as <https://github.com/BurntSushi/toml> 1.6 has them for Helm.

mod read;
mod strings;
mod tables;
mod value;
mod write;

use go_std::time::{Time, Zone};

use super::Result;
use super::json::error_map;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Value};

/// Helm's: errors are part of the result.
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

fn to_toml(caller: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    match write::write(caller.budget(), arguments.any(0)) {
        Ok(text) => Ok(text),
        Err(write::Failure::Encoding(error)) => Ok(Value::text(error)),
        Err(write::Failure::Other(error)) => Err(error),
    }
}

fn from_toml(caller: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text = arguments.text(0);
    caller.budget().spend(text.len() as u64 * 2)?;
    caller.budget().allocate(text.len().saturating_mul(16))?;
    match read::read(text.as_bytes()) {
        Ok(value) => Ok(value),
        Err(error) => Ok(error_map(error)),
    }
}

/// A date or time that belongs to no zone, as the library marks it in the name of one.
const LOCAL: [&str; 3] = ["datetime-local", "date-local", "time-local"];

/// The layout of a time, by its mark.
fn layout(time: &Time) -> &'static str {
    match &time.zone {
        Zone::Fixed(name, _) if name == LOCAL[0] => "2006-01-02T15:04:05.999999999",
        Zone::Fixed(name, _) if name == LOCAL[1] => "2006-01-02",
        Zone::Fixed(name, _) if name == LOCAL[2] => "15:04:05.999999999",
        _ => "2006-01-02T15:04:05.999999999Z07:00",
    }
}

/// An error of this crate rather than of the text.
fn limit(message: &str) -> FunctionError {
    FunctionError::limit(message)
}

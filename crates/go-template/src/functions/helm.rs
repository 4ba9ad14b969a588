//! Helm's functions that need no chart.

use std::collections::BTreeMap;

use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, Text, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("fail", Function::new(&[Str], |_, a| Err(marked(a.text(0))))),
    // Names are not resolved.
    ("getHostByName", Function::new(&[Str], |_, _| Ok(Value::text("")))),
    // There is no cluster.
    (
        "lookup",
        Function::new(&[Str, Str, Str, Str], |_, _| Ok(Value::map(BTreeMap::new()))),
    ),
    ("required", Function::new(&[Str, Any], required).keeping_mark()),
];

/// An error with the chart's message between the markers by which Helm finds it in a longer error.
fn marked(message: &Text) -> FunctionError {
    FunctionError::new(format!("{ERROR_START}{message}{ERROR_END}"))
}

/// Marks the start of the message of `fail` or `required` in an error.
pub const ERROR_START: &str = "HELM_ERR_START";
/// Marks the end of the message of `fail` or `required` in an error.
pub const ERROR_END: &str = "HELM_ERR_END";

fn required(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = arguments.any(1);
    let missing = match &value.kind {
        Kind::Nil => true,
        Kind::Text(text) => text.is_empty(),
        _ => false,
    };
    if missing {
        return Err(marked(arguments.text(0)));
    }
    Ok(value.clone())
}

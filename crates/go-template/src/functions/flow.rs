//! Functions that choose among values.

use super::result::Result;
use crate::Type::{Any, Bool};
use crate::{Arguments, Caller, Function, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "all",
        Function::variadic(&[], Any, |_, a| {
            Ok(Value::bool(a.rest(0).iter().all(Value::truth)))
        }),
    ),
    (
        "any",
        Function::variadic(&[], Any, |_, a| {
            Ok(Value::bool(a.rest(0).iter().any(Value::truth)))
        }),
    ),
    ("coalesce", Function::variadic(&[], Any, coalesce)),
    ("default", Function::variadic(&[Any], Any, default)),
    (
        "empty",
        Function::new(&[Any], |_, a| Ok(Value::bool(!a.any(0).truth()))),
    ),
    ("ternary", Function::new(&[Any, Any, Bool], ternary)),
];

fn coalesce(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let first = arguments.rest(0).iter().find(|value| value.truth());
    Ok(first.cloned().unwrap_or(Value::NIL))
}

fn default(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let given = arguments.any(1);
    Ok(if given.truth() { given } else { arguments.any(0) }.clone())
}

fn ternary(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(arguments.any(if arguments.bool(2) { 0 } else { 1 }).clone())
}

//! The built-in functions of text/template.

mod compare;
mod escape;
mod index;

pub(crate) use index::len;

use crate::Type::{Any, Reflect, Text};
use crate::error::FunctionResult;
use crate::{Arguments, Caller, Function, Value, fmt};

/// Whether text/template has a function of this name.
pub(crate) fn is_builtin(name: &str) -> bool {
    matches!(name, "and" | "or" | "call" | "len") || get(name).is_some()
}

/// A built-in function. `and`, `or`, `call` and `len` need more than values and are part of the execution.
pub(crate) fn get(name: &str) -> Option<Function> {
    Some(match name {
        "not" => Function::new(&[Reflect], |_, v| Ok(Value::bool(!v.any(0).truth()))),
        "index" => Function::variadic(&[Reflect], Reflect, |_, v| index::index(v.any(0), v.rest(1))),
        "slice" => Function::variadic(&[Reflect], Reflect, |_, v| index::slice(v.any(0), v.rest(1))),
        "print" => {
            Function::variadic(&[], Any, |c, v| Ok(Value::text(fmt::sprint(v.0, c.budget())?))).keeping_mark()
        }
        "println" => Function::variadic(&[], Any, |c, v| Ok(Value::text(fmt::sprintln(v.0, c.budget())?))),
        "printf" => Function::variadic(&[Text], Any, printf),
        "html" => Function::variadic(&[], Any, |c, v| {
            Ok(Value::text(escape::html(shown(c, v)?.as_bytes())))
        }),
        "js" => Function::variadic(&[], Any, |c, v| {
            Ok(Value::text(escape::js(shown(c, v)?.as_bytes())))
        }),
        "urlquery" => Function::variadic(&[], Any, |c, v| {
            Ok(Value::text(escape::url_query(shown(c, v)?.as_bytes())))
        }),
        "eq" => Function::variadic(&[Reflect], Reflect, |c, v| {
            Ok(Value::bool(compare::eq(c.budget(), v.any(0), v.rest(1))?))
        }),
        "ne" => Function::new(&[Reflect, Reflect], |c, v| {
            Ok(Value::bool(!compare::eq(c.budget(), v.any(0), v.rest(1))?))
        }),
        "lt" => Function::new(&[Reflect, Reflect], |_, v| {
            Ok(Value::bool(compare::less(v.any(0), v.any(1))?))
        }),
        "le" => Function::new(&[Reflect, Reflect], |c, v| Ok(Value::bool(less_or_equal(c, v)?))),
        "gt" => Function::new(&[Reflect, Reflect], |c, v| Ok(Value::bool(!less_or_equal(c, v)?))),
        "ge" => Function::new(&[Reflect, Reflect], |_, v| {
            Ok(Value::bool(!compare::less(v.any(0), v.any(1))?))
        }),
        _ => return None,
    })
}

fn printf(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> FunctionResult<Value> {
    let text = fmt::sprintf(arguments.bytes(0), arguments.rest(1), caller.budget())?;
    Ok(Value::text(text))
}

fn less_or_equal(caller: &dyn Caller<'_>, arguments: Arguments<'_>) -> FunctionResult<bool> {
    Ok(compare::less(arguments.any(0), arguments.any(1))?
        || compare::eq(caller.budget(), arguments.any(0), arguments.rest(1))?)
}

/// The arguments printed as by an action.
fn shown(caller: &dyn Caller<'_>, arguments: Arguments<'_>) -> FunctionResult<crate::Text> {
    let values: Vec<Value> = arguments
        .0
        .iter()
        .map(|value| {
            if value.is_nil() {
                Value::text("<no value>")
            } else {
                value.clone()
            }
        })
        .collect();
    fmt::sprint(&values, caller.budget())
}

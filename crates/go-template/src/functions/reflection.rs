//! Functions on types.

use crate::Type::{Any, Text};
use crate::{Arguments, Caller, Function, FunctionError, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("typeOf", Function::new(&[Any], type_of)),
    ("typeIs", Function::new(&[Text, Any], type_is)),
    ("kindOf", Function::new(&[Any], kind_of)),
    ("kindIs", Function::new(&[Text, Any], kind_is)),
];

type Result = std::result::Result<Value, FunctionError>;

fn type_of(_: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(arguments.any(0).type_name()))
}

fn type_is(_: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(*arguments.text(0) == arguments.any(1).type_name()))
}

fn kind_of(_: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::text(arguments.any(0).kind_name()))
}

fn kind_is(_: &mut Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(Value::bool(*arguments.text(0) == arguments.any(1).kind_name()))
}

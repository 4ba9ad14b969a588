//! Functions about types, and `deepEqual`.

use super::equal::deep_equal;
use super::result::Result;
use crate::Type::{Any, Text as Str};
use crate::{Arguments, Caller, Function, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "deepEqual",
        Function::new(&[Any, Any], |c, a| {
            deep_equal(c.budget(), a.any(0), a.any(1)).map(Value::bool)
        }),
    ),
    (
        "kindIs",
        Function::new(&[Str, Any], |_, a| {
            Ok(Value::bool(*a.text(0) == a.any(1).kind_name()))
        }),
    ),
    (
        "kindOf",
        Function::new(&[Any], |_, a| Ok(Value::text(a.any(0).kind_name()))),
    ),
    (
        "typeIs",
        Function::new(&[Str, Any], |_, a| {
            Ok(Value::bool(*a.text(0) == a.any(1).type_name()))
        }),
    ),
    ("typeIsLike", Function::new(&[Str, Any], type_is_like)),
    (
        "typeOf",
        Function::new(&[Any], |_, a| Ok(Value::text(a.any(0).type_name()))),
    ),
];

/// Whether the type has the given name, or is a pointer to such a type.
fn type_is_like(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let name = arguments.any(1).type_name();
    let pointed_at = name.strip_prefix('*');
    let wanted = arguments.text(0);
    Ok(Value::bool(
        *wanted == name || pointed_at.is_some_and(|name| *wanted == name),
    ))
}

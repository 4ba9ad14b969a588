//! Functions on types.

use super::Type::{Any, Text};
use super::{Function, any, function, text};
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "typeOf" => function(&[Any], None, |_, v| Ok(Value::text(any(v, 0).type_name()))),
        // No value is a pointer, so that both are the same.
        "typeIs" | "typeIsLike" => function(&[Text, Any], None, |_, v| {
            Ok(Value::Bool(text(v, 0) == any(v, 1).type_name()))
        }),
        "kindOf" => function(&[Any], None, |_, v| Ok(Value::text(any(v, 0).kind_name()))),
        "kindIs" => function(&[Text, Any], None, |_, v| {
            Ok(Value::Bool(text(v, 0) == any(v, 1).kind_name()))
        }),
        "deepEqual" => function(&[Any, Any], None, |c, v| {
            Ok(Value::Bool(any(v, 0).deep_equal(any(v, 1), c)?))
        }),
        _ => return None,
    })
}

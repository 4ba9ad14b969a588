//! Defaults, choices and refusals.

use super::Type::{Any, Bool, Text};
use super::{Function, any, function, text};
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "default" => function(&[Any], Some(Any), |_, v| {
            let given = v.get(1).filter(|given| given.truth());
            Ok(given.unwrap_or(any(v, 0)).clone())
        }),
        "empty" => function(&[Any], None, |_, v| Ok(Value::Bool(!any(v, 0).truth()))),
        "coalesce" => function(&[], Some(Any), |_, v| {
            Ok(v.iter()
                .find(|value| value.truth())
                .cloned()
                .unwrap_or(Value::Nil))
        }),
        "all" => function(&[], Some(Any), |_, v| Ok(Value::Bool(v.iter().all(Value::truth)))),
        "any" => function(&[], Some(Any), |_, v| Ok(Value::Bool(v.iter().any(Value::truth)))),
        "ternary" => function(&[Any, Any, Bool], None, |_, v| {
            Ok(any(v, usize::from(!any(v, 2).truth())).clone())
        }),
        "fail" => function(&[Text], None, |_, v| Err(text(v, 0).to_owned())),
        _ => return None,
    })
}

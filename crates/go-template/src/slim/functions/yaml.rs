//! Values turn into YAML text.

use yaml_node::write_document;

use super::Type::Any;
use super::json::to_node;
use super::{Function, any, function};
use crate::slim::context::Context;
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "toYaml" | "mustToYaml" => function(&[Any], None, |c, v| to_yaml(any(v, 0), c)),
        _ => return None,
    })
}

fn to_yaml(value: &Value, context: &Context) -> Result<Value, String> {
    let text = write_document(&to_node(value, context, 0)?).map_err(|error| error.to_string())?;
    Ok(Value::text(text))
}

//! `include` and `tpl`, and Helm's whole function library.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use go_template::{Arguments, Caller, ExecError, Function, FunctionError, Kind, Library, Text, Type, Value};

use super::engine::remove_no_value;
use crate::objects::{VALUES, VALUES_METHODS};

/// How deep a template may include itself.
const RECURSION: u32 = 1000;

/// State shared by the functions of one rendering.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The current depth of includes, by template.
    included: RefCell<HashMap<Text, u32>>,
}

/// The function library of chart templates.
pub(super) fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        Arc::new(
            go_template::functions::helm()
                .with(OWN)
                .with_methods(VALUES, VALUES_METHODS),
        )
    });
    Arc::clone(library)
}

const OWN: [(&str, Function); 2] = [
    ("include", Function::new(&[Type::Text, Type::Any], include)),
    ("tpl", Function::new(&[Type::Text, Type::Any], tpl)),
];

/// Executes a template by name.
fn include(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result<Value, FunctionError> {
    let (name, data) = (arguments.text(0), arguments.any(1));
    let host = caller.host::<Host>();
    if let Some(host) = host {
        let mut included = host.included.borrow_mut();
        let count = included.entry(name.clone()).or_default();
        if *count > RECURSION {
            return Err(FunctionError::new(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        *count += 1;
    }
    let result = caller.execute(&name.to_str(), data.clone());
    if let Some(host) = host
        && let Some(count) = host.included.borrow_mut().get_mut(name)
    {
        *count -= 1;
    }
    result.map_err(|error| match error.limit {
        true => at_limit(&error),
        false => FunctionError::from(error),
    })
}

/// Executes a text as a template.
fn tpl(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result<Value, FunctionError> {
    let (text, data) = (arguments.text(0), arguments.any(1));
    caller.spend_on_parsing(text)?;
    let parsed = caller.parse(text).map_err(|error| {
        let quoted = go_std::quote::quote_bytes(text.as_bytes());
        FunctionError::new(format!("cannot parse template {quoted}: {error}"))
    })?;
    let value = caller.execute_parsed(&parsed, data.clone()).map_err(|error| {
        if error.limit {
            return at_limit(&error);
        }
        let quoted = go_std::quote::quote_bytes(text.as_bytes());
        FunctionError::new(format!(
            "error during tpl function execution for {quoted}: {error}"
        ))
    })?;
    let Kind::Text(text) = &value.kind else {
        return Ok(value);
    };
    let cleaned = remove_no_value(text.as_bytes());
    if cleaned.len() == text.len() {
        return Ok(value);
    }
    Ok(Value::text(cleaned).with_mark_of(&value))
}

/// A limit is reported without the templates on the way to it, which may be thousands.
fn at_limit(error: &ExecError) -> FunctionError {
    FunctionError::limit(error.message.as_str())
}

//! Parser of JSON patches.
//!
//! A text that begins with `[` must be JSON. Any other is YAML 1.1, of which the first document counts.

use smol_str::SmolStr;
use source_tree::{FileId, Limits, Mark};
use thiserror::Error;
use yaml_node::read_yaml11;

use super::json::{Json, JsonValue};
use super::json_text;

/// Why a text is not a JSON patch.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct ParseError {
    message: String,
    /// Place of the error.
    pub(crate) mark: Mark,
}

impl ParseError {
    pub(super) fn new(message: impl Into<String>, mark: Mark) -> Self {
        ParseError {
            message: message.into(),
            mark,
        }
    }
}

/// Parser of JSON patches.
#[derive(Clone, Debug, Default)]
pub(crate) struct JsonPatch {
    pub(super) operations: Vec<Operation>,
}

impl JsonPatch {
    /// Whether it has no operations.
    pub(crate) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }
}

/// One operation. Missing members and wrong types are errors only when the operation is applied.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) kind: Option<SmolStr>,
    pub(super) path: Member,
    pub(super) from: Member,
    pub(super) value: Option<Json>,
    pub(super) mark: Mark,
}

/// A member that should be a string.
#[derive(Clone, Debug)]
pub(super) enum Member {
    Missing,
    WrongType,
    Text(SmolStr),
}

/// Parses a JSON patch that begins at `start`. `None` for a text without content.
///
/// # Errors
/// [`ParseError`].
pub(crate) fn parse(text: &str, start: Mark, limits: &Limits) -> Result<Option<JsonPatch>, ParseError> {
    let offset = start.line.saturating_sub(1);
    let mut patch = parse_at_top(text, start.file, limits).map_err(|error| ParseError {
        mark: Mark::new(start.file, error.mark.line.saturating_add(offset)),
        ..error
    })?;
    for operation in patch.iter_mut().flat_map(|patch| &mut patch.operations) {
        operation.mark.line = operation.mark.line.saturating_add(offset);
        if let Some(value) = &mut operation.value {
            value.shift_lines(offset);
        }
    }
    Ok(patch)
}

fn parse_at_top(text: &str, file: FileId, limits: &Limits) -> Result<Option<JsonPatch>, ParseError> {
    let parsed = if text.starts_with('[') {
        json_text::parse(text, file, limits)?
    } else {
        let node = read_yaml11(text, file, limits)
            .map_err(|error| ParseError::new(error.to_string(), error.mark))?;
        let Some(node) = node else {
            return Ok(None);
        };
        Json::from_node(&node).map_err(|error| ParseError::new(error.message, error.mark))?
    };
    let wrong = |found: &Json, wanted: &str| {
        let message = format!(
            "json: cannot unmarshal {} into Go value of type {wanted}",
            word(found)
        );
        ParseError::new(message, found.mark)
    };
    let items = match parsed.value {
        JsonValue::Null => return Ok(None),
        JsonValue::Array(items) => items,
        _ => return Err(wrong(&parsed, "jsonpatch.Patch")),
    };
    let operations = items
        .into_iter()
        .map(|item| operation(item).map_err(|item| wrong(&item, "jsonpatch.Operation")));
    Ok(Some(JsonPatch {
        operations: operations.collect::<Result<_, _>>()?,
    }))
}

fn operation(item: Json) -> Result<Operation, Json> {
    let mark = item.mark;
    let mut members = match item.value {
        JsonValue::Object(members) => members,
        JsonValue::Null => super::json::Object::new(),
        _ => return Err(item),
    };
    let mut take = |name: &str| members.remove(name).map(|(_, value)| value);
    let text = |value: Option<Json>| match value {
        None => Member::Missing,
        Some(value) if value.is_null() => Member::Missing,
        Some(value) => value
            .as_str()
            .map_or(Member::WrongType, |text| Member::Text(text.clone())),
    };
    Ok(Operation {
        kind: take("op").and_then(|op| op.as_str().cloned()),
        path: text(take("path")),
        from: text(take("from")),
        value: take("value"),
        mark,
    })
}

fn word(json: &Json) -> &'static str {
    match json.value {
        JsonValue::Null => "null",
        JsonValue::Bool(_) => "bool",
        JsonValue::Number(_) => "number",
        JsonValue::String { .. } => "string",
        JsonValue::Array(_) => "array",
        JsonValue::Object(_) => "object",
    }
}

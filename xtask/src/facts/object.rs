//! Rendered objects, as JSON.

use serde_json::Value;

/// `metadata.namespace`
pub(super) fn namespace(object: &Value) -> &str {
    text_at(object, "/metadata/namespace")
}

/// `metadata.name`
pub(super) fn name(object: &Value) -> &str {
    text_at(object, "/metadata/name")
}

/// The text at a JSON pointer; empty where there is none.
pub(super) fn text_at<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

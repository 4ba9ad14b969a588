//! Objects, lists and strings in JSON: rendered objects and entries of catalogs.

use serde_json::Value;

/// A string; empty if the value is not one.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The string at a JSON pointer; empty if there is none.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).map_or("", text)
}

/// The items of a list; none if the value is not a list.
pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The keys and values of a map; none if the value is not a map.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value))
}

/// `metadata.namespace`
pub(crate) fn namespace(object: &Value) -> &str {
    text_at(object, "/metadata/namespace")
}

/// `metadata.name`
pub(crate) fn name(object: &Value) -> &str {
    text_at(object, "/metadata/name")
}

/// `namespace/name`
pub(crate) fn full_name(object: &Value) -> String {
    format!("{}/{}", namespace(object), name(object))
}

/// The API group; empty for the core group.
pub(crate) fn group(object: &Value) -> &str {
    let api_version = text_at(object, "/apiVersion");
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// `group/kind/namespace/name`
pub(crate) fn identity(object: &Value) -> String {
    let kind = text_at(object, "/kind");
    format!("{}/{kind}/{}", group(object), full_name(object))
}

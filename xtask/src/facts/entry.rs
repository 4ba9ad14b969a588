//! Entries of catalogs, as JSON.

use serde_json::Value;

/// `Kind namespace/name` of a service that is a workload.
pub(super) fn workload_of(service: &Value) -> Option<String> {
    let workload = &service["workload"];
    Some(format!(
        "{} {}/{}",
        workload["kind"].as_str()?,
        text(&service["namespace"]),
        text(&workload["name"])
    ))
}

/// An entry's plain name: its key, unless the entry says otherwise.
pub(super) fn name<'a>(key: &'a str, entry: &'a Value) -> &'a str {
    entry["name"].as_str().unwrap_or(key)
}

/// Keys and values of a map.
pub(super) fn entries(map: &Value) -> impl Iterator<Item = (&str, &Value)> {
    map.as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// Items of a list.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text; empty where there is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

//! References of a schema that lead out of it.

use jsonschema::{Retrieve, Uri};
use serde_json::Value;

/// Keywords whose value is data, in which `$ref` means nothing.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// Takes out what refers to other hosts, and returns where it referred to: nothing is fetched, and what is not there counts
/// as satisfied.
pub(super) fn take_out(schema: &mut Value) -> Vec<String> {
    let mut own = Vec::new();
    collect_ids(schema, &mut own);
    let mut found = Vec::new();
    walk(schema, &own, &mut found, 0);
    found
}

/// Deeper than schemas are; the parser has its own bound.
const DEPTH: usize = 128;

/// The addresses that the schema gives itself and its parts.
fn collect_ids(schema: &Value, own: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for key in ["$id", "id"] {
                if let Some(Value::String(id)) = object.get(key) {
                    own.push(without_fragment(id).to_owned());
                }
            }
            object.values().for_each(|value| collect_ids(value, own));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_ids(value, own)),
        _ => {}
    }
}

fn walk(schema: &mut Value, own: &[String], found: &mut Vec<String>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match schema {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            if let Some(reference) = reference.filter(|reference| is_remote(reference, own)) {
                let reference = reference.to_owned();
                object.remove("$ref");
                if !found.contains(&reference) {
                    found.push(reference);
                }
            }
            for (key, value) in object.iter_mut() {
                if !DATA.contains(&key.as_str()) {
                    walk(value, own, found, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                walk(item, own, found, depth + 1);
            }
        }
        _ => {}
    }
}

fn is_remote(reference: &str, own: &[String]) -> bool {
    let address = without_fragment(reference);
    let is_absolute = ["http:", "https:", "urn:"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    let is_relative_to_remote = !is_absolute
        && !address.is_empty()
        && !address.contains(':')
        && own.iter().any(|id| id.starts_with("http"));
    let is_own = own
        .iter()
        .any(|id| id == address || id.ends_with(&format!("/{address}")));
    let is_draft = ["http://json-schema.org/", "https://json-schema.org/"]
        .iter()
        .any(|host| address.starts_with(host));
    (is_absolute || is_relative_to_remote) && !is_own && !is_draft
}

fn without_fragment(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

/// Fetches nothing.
pub(super) struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.as_str().strip_prefix("file://").unwrap_or(uri.as_str());
        Err(format!("open {path}: no such file or directory").into())
    }
}

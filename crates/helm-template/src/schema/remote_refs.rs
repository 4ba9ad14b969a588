//! Remote references of a schema, and other constructs that the `jsonschema` crate reads differently from Helm's library.

use jsonschema::{Retrieve, Uri};
use serde_json::Value;

/// Keywords whose value is data, in which `$ref` has no meaning.
pub(super) const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// The keyword that replaces a remote reference.
pub(super) const UNKNOWN: &str = "x-not-fetched";

/// The draft of a schema without `$schema`.
const NEWEST_DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Replaces references to other hosts by [`UNKNOWN`], and returns their addresses. Nothing is fetched; such references count as
/// satisfied.
pub(super) fn take_out(schema: &mut Value) -> Vec<String> {
    let draft = schema.get("$schema").and_then(Value::as_str);
    let mut own = vec![without_fragment(draft.unwrap_or(NEWEST_DRAFT)).to_owned()];
    collect_ids(schema, &mut own);
    let mut found = Vec::new();
    walk(schema, &own, &mut found, 0);
    found
}

/// Deepest nesting that is searched; the parser has its own bound.
const DEPTH: usize = 128;

/// Collects the identifiers of the schema and its parts.
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
                object.insert(UNKNOWN.to_owned(), Value::Bool(true));
                if !found.contains(&reference) {
                    found.push(reference);
                }
            } else if let Some(escaped) = reference.and_then(escape_fragment) {
                object.insert("$ref".to_owned(), Value::String(escaped));
            }
            // Helm's library does not check encoded content.
            for key in ["contentEncoding", "contentMediaType"] {
                if object.get(key).is_some_and(Value::is_string) {
                    object.remove(key);
                }
            }
            // With a sibling `properties`, the error names the keys that are not allowed.
            let is_closed = object.get("additionalProperties") == Some(&Value::Bool(false));
            if is_closed && !object.contains_key("properties") && !object.contains_key("patternProperties") {
                object.insert("properties".to_owned(), Value::Object(serde_json::Map::new()));
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
        && own.iter().skip(1).any(|id| id.starts_with("http"));
    let is_own = own
        .iter()
        .any(|id| id == address || id.ends_with(&format!("/{address}")));
    (is_absolute || is_relative_to_remote) && !is_own
}

/// Percent-encodes a fragment, which Helm accepts without; `None` if nothing changes.
fn escape_fragment(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    if fragment.bytes().all(may_stand) {
        return None;
    }
    let mut escaped = String::from("#");
    for byte in fragment.bytes() {
        if may_stand(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(escaped)
}

fn without_fragment(address: &str) -> &str {
    address.split('#').next().unwrap_or_default()
}

/// A retriever that fetches nothing.
pub(super) struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.as_str().strip_prefix("file://").unwrap_or(uri.as_str());
        Err(format!("open {path}: no such file or directory").into())
    }
}

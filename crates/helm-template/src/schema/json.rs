//! Parsing of a schema, with Go's messages for invalid JSON.

use go_std::json::Builder;
use serde_json::Value as Json;

/// Parses a schema.
///
/// # Errors
/// Go's message.
pub(super) fn read(text: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(text).or_else(|error| {
        let nothing = text.iter().all(u8::is_ascii_whitespace);
        match error.is_eof() {
            true if nothing => Err("EOF".to_owned()),
            true => Err("unexpected EOF".to_owned()),
            // Go reads invalid UTF-8 as U+FFFD.
            false => go_std::json::read(text, &mut Values).map_err(|error| {
                // Helm's library does not name the character after a value.
                match error.strip_suffix(AFTER) {
                    Some(_) => format!("invalid character {AFTER}"),
                    None => error,
                }
            }),
        }
    })
}

const AFTER: &str = "after top-level value";

struct Values;

impl Builder for Values {
    type Value = Json;

    fn null(&mut self) -> Json {
        Json::Null
    }

    fn bool(&mut self, value: bool) -> Json {
        Json::Bool(value)
    }

    fn number(&mut self, value: f64) -> Json {
        super::numbers::json_of_float(value)
    }

    fn string(&mut self, text: String) -> Json {
        Json::String(text)
    }

    fn array(&mut self, items: Vec<Json>) -> Json {
        Json::Array(items)
    }

    fn object(&mut self, entries: Vec<(String, Json)>) -> Json {
        Json::Object(entries.into_iter().collect())
    }
}

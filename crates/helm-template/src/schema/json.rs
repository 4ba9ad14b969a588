//! A schema's text as JSON, with Go's words for what is none.

use go_std::json::Builder;
use serde_json::Value as Json;

/// Reads a schema.
///
/// # Errors
/// Go's words.
pub(super) fn read(text: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(text).or_else(|error| {
        let nothing = text.iter().all(u8::is_ascii_whitespace);
        match error.is_eof() {
            true if nothing => Err("EOF".to_owned()),
            true => Err("unexpected EOF".to_owned()),
            // Go takes what is no UTF-8 for a character of its own.
            false => go_std::json::read(text, &mut Values).map_err(|error| {
                // What follows a value is not named.
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

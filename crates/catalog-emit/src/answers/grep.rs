//! `grep`: `[{"kind", "key", "field", "text", "source"}]`.

use infra_model::Place;
use infra_query::grep::Grep;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, to_value};

use super::ToJson;

/// A text that matches.
#[derive(Serialize, JsonSchema)]
pub(super) struct GrepMatchJson<'a> {
    /// The kind of thing it is of.
    kind: &'a str,
    /// Its key.
    key: &'a str,
    /// The field that holds it.
    field: &'a str,
    /// The text.
    text: &'a str,
    /// The line that states it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Place>,
}

impl ToJson for Grep<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let matches = self.matches.iter().map(|found| GrepMatchJson {
            kind: found.kind,
            key: found.key,
            field: &found.field,
            text: &found.text,
            source: found.place.as_ref(),
        });
        to_value(matches.collect::<Vec<_>>())
    }
}

//! Helm's messages for invalid schemas.

use go_std::regexp::GoRegex;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ReferencingError, ValidationError};
use serde_json::Value as Json;

use super::{failures, wording};

/// Helm's URL for every schema.
const NAME: &str = "file:///values.schema.json";

/// Why a schema is refused.
pub(super) fn explain(schema: &Json, error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Referencing(error) => reference_error(error),
        _ => by_metaschema(schema, &format!("- at '{}': {error}", error.instance_path())),
    }
}

/// The errors of a schema by the metaschema of its draft, or `otherwise` if there are none.
pub(super) fn by_metaschema(schema: &Json, otherwise: &str) -> String {
    let draft = schema.get("$schema").and_then(Json::as_str);
    let draft = draft
        .unwrap_or("https://json-schema.org/draft/2020-12/schema")
        .trim_end_matches('#');
    let metaschema = jsonschema::options()
        .should_validate_formats(true)
        .with_format("regex", |text: &str| GoRegex::compile(text.as_bytes()).is_ok())
        .build(&serde_json::json!({ "$schema": draft, "$ref": draft }));
    let found = metaschema.map(|metaschema| {
        let errors = failures::Collected::new(&metaschema, schema);
        wording::explain(&errors.failures())
    });
    let found = found.unwrap_or_default();
    let found = if found.is_empty() {
        otherwise
    } else {
        found.trim_end()
    };
    format!(
        "\"{NAME}#\" is not valid against metaschema: jsonschema validation failed with '{draft}#'\n{found}"
    )
}

fn reference_error(error: &ReferencingError) -> String {
    match error {
        ReferencingError::PointerToNowhere { pointer } => {
            format!("json-pointer in \"{NAME}#{pointer}\" not found")
        }
        ReferencingError::NoSuchAnchor { anchor } => {
            format!("anchor in \"{NAME}#{anchor}\" not found in schema \"{NAME}\"")
        }
        ReferencingError::Unretrievable { uri, source } => format!("failing loading \"{uri}\": {source}"),
        ReferencingError::InvalidUri(_) => format!("error in parsing id at \"{NAME}#\""),
        error => error.to_string(),
    }
}

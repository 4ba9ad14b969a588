//! Objects that name a thing.

use infra_query::named_by::NamedBy;
use schemars::JsonSchema;
use serde::Serialize;

/// An object that names another one in a reference.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NamedBy")]
pub(super) struct NamedByJson<'a> {
    /// Key of the object, which begins with its kind.
    object: &'a str,
    /// The field that does.
    field: &'a str,
    /// `FILE:LINE` that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

pub(super) fn named_by<'a>(objects: &'a [NamedBy<'a>]) -> Vec<NamedByJson<'a>> {
    let objects = objects.iter();
    objects
        .map(|it| NamedByJson {
            object: &it.object,
            field: &it.field,
            source: it.place.as_ref().map(ToString::to_string),
        })
        .collect()
}

//! An object that no other section has, in words: its owner, its users, its fields.

use std::fmt;

use infra_model::Place;
use infra_model::object::{ObjectField, OtherObject};
use plain_text::{Lines, line, printable_name};

use crate::text::{field, names};

/// Most fields that are shown beside all the rest.
pub(crate) const MOST: usize = 16;

/// What is known of an object, with so many of its fields at most.
pub(crate) fn lines(f: &mut Lines<'_>, key: &str, object: &OtherObject, most: usize) -> fmt::Result {
    line!(f, "api version: {}", printable_name(&object.api_version))?;
    field(
        f,
        "flux",
        object
            .kustomization
            .as_ref()
            .map(|key| format!("Kustomization {key}")),
    )?;
    names(f, "services", &object.dns)?;
    names(f, "used by", &object.used_by)?;
    let told = object
        .fields
        .iter()
        .filter(|(path, _)| !path.starts_with("metadata.labels."));
    let mut told: Vec<(&String, &ObjectField)> = told.collect();
    // What stands high up says most of an object.
    told.sort_by_key(|(path, _)| path.matches(['.', '[']).count());
    for (path, field) in told.iter().take(most) {
        field_line(f, object.source.as_ref(), path, field)?;
    }
    if told.len() > most || object.more_fields {
        let more = told.len().saturating_sub(most).max(1);
        line!(
            f,
            "and {more} more fields: flux-infra-guide config {}",
            printable_name(key)
        )?;
    }
    Ok(())
}

/// A field with its line; the file is the object's, unless another one decides.
pub(crate) fn field_line(
    f: &mut Lines<'_>,
    source: Option<&Place>,
    path: &str,
    field: &ObjectField,
) -> fmt::Result {
    write!(f, "{}: {}", printable_name(path), printable_name(&field.value))?;
    if let Some(written) = &field.written {
        write!(f, " (written {})", printable_name(written))?;
    }
    match (&field.file, field.place(source)) {
        (Some(_), Some(place)) => line!(f, " <- {}", printable_name(&place.to_string())),
        (None, Some(place)) => line!(f, " <- line {}", place.line),
        (_, None) => line!(f),
    }
}

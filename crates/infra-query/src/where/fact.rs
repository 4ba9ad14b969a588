//! A fact that is shown beside an entry: a label, a text, and the line that states it.

use infra_model::Place;
use infra_model::fields::Fields;
use infra_model::object::ObjectField;

/// A fact that is shown beside an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its label, such as `backup`.
    pub label: String,
    /// Its text.
    pub text: String,
    /// The line that states it.
    pub place: Option<Place>,
}

pub(super) fn fact(label: &str, text: String, place: Option<Place>) -> Told {
    Told {
        label: label.to_owned(),
        text,
        place,
    }
}

pub(super) const CLAIM: &str = "PersistentVolumeClaim";

/// The last key of a path, without its position.
pub(super) fn last(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('[').next().unwrap_or(last)
}

/// The field of a key beside another one.
pub(super) fn sibling<'a>(fields: &'a Fields, path: &str, key: &str) -> Option<&'a ObjectField> {
    let (above, _) = path.rsplit_once('.')?;
    fields.get(&format!("{above}.{key}"))
}

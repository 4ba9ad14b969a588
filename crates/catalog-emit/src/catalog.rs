//! Common traits of the four catalogs as files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use infra_model::{Ambiguous, Infrastructure};
use plain_text::json::escaped;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json_lines;
use crate::metadata::Metadata;

/// One of the four files.
pub trait Catalog: Clone + Debug + Serialize + DeserializeOwned + JsonSchema {
    /// Name without extension, such as `services`.
    const NAME: &'static str;
    /// Name in the data folder, such as `services.json`.
    const FILE_NAME: &'static str;
    /// Its sections of entries that are keyed by name, as `ambiguous` names them.
    const MAPS: &'static [&'static str];

    /// Adds the content of the file to a model.
    fn add_to(self, infrastructure: &mut Infrastructure);

    /// Where the file comes from.
    fn metadata(&self) -> &Metadata;

    /// Mutable access to `metadata`.
    fn metadata_mut(&mut self) -> &mut Metadata;

    /// The file's content.
    ///
    /// # Errors
    /// Those of serde_json; no catalog has any.
    fn to_json(&self, form: Form) -> Result<String, serde_json::Error> {
        form.to_json(self)
    }
}

/// The clashing names of the sections of one file.
pub(crate) fn ambiguous<C: Catalog>(infrastructure: &Infrastructure) -> BTreeMap<String, Ambiguous> {
    infrastructure
        .ambiguous
        .iter()
        .filter(|(map, names)| C::MAPS.contains(&map.as_str()) && !names.is_empty())
        .map(|(map, names)| (map.clone(), names.clone()))
        .collect()
}

/// Layout of a catalog on lines. Both forms are the same JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One entry a line: cheap to read and to grep, and one line of `git diff` for each changed entry.
    #[default]
    Lines,
    /// Indented.
    Pretty,
}

impl Form {
    pub(crate) fn to_json<T: Serialize>(self, value: &T) -> Result<String, serde_json::Error> {
        self.to_json_of_length(value, 0)
    }

    /// As [`Form::to_json`], for JSON of about `length` bytes.
    pub(crate) fn to_json_of_length<T: Serialize>(
        self,
        value: &T,
        length: usize,
    ) -> Result<String, serde_json::Error> {
        let text = match self {
            Form::Lines => json_lines::to_string(value, length),
            Form::Pretty => serde_json::to_string_pretty(value).map(|text| text + "\n"),
        }?;
        Ok(match escaped(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(text) => text,
        })
    }
}

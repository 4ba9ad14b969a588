//! Diagnostics: a problem, its place and a hint.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Place;

/// How much a diagnostic matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Worth knowing.
    #[default]
    Info,
    /// Probably not what was meant.
    Warning,
    /// Flux would fail here, or the catalog misses facts because of it.
    Error,
}

impl Severity {
    /// The word that catalogs and `--fail-on` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "DiagnosticEntry")]
pub struct Diagnostic {
    /// Stable code, such as `path-missing`.
    pub code: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where, if a file states it.
    #[serde(flatten, with = "file_and_line")]
    #[schemars(with = "file_and_line::FileAndLine")]
    pub place: Option<Place>,
    /// `Kind/namespace/name` of the object it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The place of a diagnostic, flattened into `file` and `line`. `serde(flatten)` on an optional place would read a
/// value of the wrong type as no place.
mod file_and_line {
    use schemars::JsonSchema;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::{Place, RepoPath};

    #[derive(Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    pub(super) struct FileAndLine {
        /// The file that states it.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        file: Option<RepoPath>,
        /// The line in that file.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    }

    pub(super) fn serialize<S: Serializer>(place: &Option<Place>, serializer: S) -> Result<S::Ok, S::Error> {
        let (file, line) = Place::parts(place.clone());
        FileAndLine { file, line }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Place>, D::Error> {
        let FileAndLine { file, line } = FileAndLine::deserialize(deserializer)?;
        Ok(Place::from_parts(file.as_ref(), line))
    }
}

impl Diagnostic {
    /// A diagnostic without place, object or hint; add them with the `at`, `on` and `hint` methods.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            code: Cow::Borrowed(code),
            severity,
            message: message.into(),
            ..Diagnostic::default()
        }
    }

    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic::new(Severity::Warning, code, message)
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.place = place.into();
        self
    }

    /// Sets the object.
    #[must_use]
    pub fn on(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sorts by file, line, code, object and message, and removes duplicates.
    pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.sort_by(|a, b| {
            (&a.place, &a.code, &a.object, &a.message).cmp(&(&b.place, &b.code, &b.object, &b.message))
        });
        diagnostics.dedup();
    }
}

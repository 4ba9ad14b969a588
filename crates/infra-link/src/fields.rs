//! Scalars of an object by path, without credentials.

use infra_model::RepoPath;
use infra_model::object::ObjectField;
use redaction::REDACTED;

use crate::config_text::without_credentials;
use crate::cut_text::cut;
use crate::inventory::Inventory;
use crate::scalars::{TakeScalars, fields_of_object, take_scalars};
use crate::view::View;

/// Longer values are cut, in characters.
const LONGEST_VALUE: usize = 200;
/// Longest text of several lines that is shown, in bytes: expressions and short scripts. Of longer ones only the number of lines
/// is kept.
const LONGEST_TEXT: usize = 600;

/// Collects scalars.
pub(crate) struct FieldCollector<'l> {
    inventory: &'l Inventory<'l>,
    /// The object's file.
    file: Option<RepoPath>,
    most: usize,
    /// With their paths, in the order written.
    pub(crate) found: Vec<(String, ObjectField)>,
    /// Whether there are more.
    pub(crate) more: bool,
}

impl<'l> FieldCollector<'l> {
    /// Collects at most `most` fields. `file` is the object's own.
    pub(crate) fn new(inventory: &'l Inventory<'l>, file: Option<&RepoPath>, most: usize) -> Self {
        FieldCollector {
            inventory,
            file: file.cloned(),
            most,
            found: Vec::new(),
            more: false,
        }
    }

    /// Adds the fields of an object, without type, name, status and the metadata of SOPS.
    pub(crate) fn add_object(&mut self, object: View<'_>) {
        for (name, value) in fields_of_object(object) {
            if name != "metadata" {
                self.add_value(name, name, value, 1);
            } else if let Some(value) = value.get("annotations") {
                self.add_value("metadata.annotations", "annotations", value, 2);
            }
        }
    }

    /// Adds the scalars of a value at a path, whose last part is `key`; `depth` is the length of the path.
    pub(crate) fn add_value(&mut self, path: &str, key: &str, value: View<'_>, depth: usize) {
        self.more |= take_scalars(path, key, value, depth, self);
    }

    /// A field with its text to show, and its place.
    fn field(&self, value: View<'_>, shown: String) -> ObjectField {
        let place = self.inventory.place(value.mark());
        let file = place.as_ref().map(|place| &place.file);
        ObjectField {
            value: shown,
            line: place.as_ref().map_or(0, |place| place.line),
            file: file.filter(|file| Some(*file) != self.file.as_ref()).cloned(),
            ..ObjectField::default()
        }
    }
}

impl TakeScalars for FieldCollector<'_> {
    fn is_full(&self) -> bool {
        self.found.len() >= self.most
    }

    fn take_all(&mut self, path: &str, value: View<'_>) {
        let field = self.field(value, "{}".to_owned());
        self.found.push((path.to_owned(), field));
    }

    fn take(&mut self, path: &str, key: &str, value: View<'_>) {
        let Some(text) = value.text() else { return };
        let has_variables = |built: &&str| *built != text && value.is_known(text);
        let written = value.built_text().filter(has_variables);
        let field = ObjectField {
            written: written
                .map(|text| shown(key, text))
                .filter(|text| text != REDACTED),
            ..self.field(value, shown(key, text))
        };
        self.found.push((path.to_owned(), field));
    }
}

/// A value without credentials, short enough for a line.
fn shown(key: &str, text: &str) -> String {
    let text = text.trim_end();
    if text.starts_with("ENC[") || redaction::credential(key, text).is_some() {
        return REDACTED.to_owned();
    }
    if text.contains('\n') {
        // A credential may have several lines, none of which looks like one.
        return match text.len() > LONGEST_TEXT || redaction::credential_in_text(text) {
            true => format!("{} lines", text.lines().count()),
            false => redaction::without_random_words(&without_credentials(key, text)).into_owned(),
        };
    }
    cut(redaction::without_random_words(text), LONGEST_VALUE)
}

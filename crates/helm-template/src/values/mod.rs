//! Values of users and charts.

mod coalesce;
mod copy;
mod documents;
mod json;
mod path;
mod strvals;

use std::rc::Rc;

use go_template::{Kind, Map, Mark, Value};
use source_tree::FileId;
use yaml_node::Node;

pub(crate) use coalesce::{Nulls, coalesce, coalesce_tables};
pub(crate) use copy::{copy_map, copy_value, empty_map};
pub(crate) use documents::load_values;
pub(crate) use json::{map_of_node, node_count, value_of_node};
pub(crate) use path::{table, value_at};

use copy::merge_maps;
pub use strvals::ReplacedLists;
use strvals::Syntax;

use crate::{Error, Stage};

/// Values of the user: merged files, with single values over them.
///
/// ```
/// use helm_template::Values;
///
/// let mut values = Values::new();
/// values.merge_file(b"image: {tag: v1}\n", "values.yaml")?;
/// values.set("image.tag=v2,replicas=3")?;
/// assert_eq!(values.to_json(), r#"{"image":{"tag":"v2"},"replicas":3}"#);
/// # Ok::<(), helm_template::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Values {
    map: Rc<Map>,
}

impl Default for Values {
    fn default() -> Self {
        Values {
            map: Rc::new(empty_map()),
        }
    }
}

impl Values {
    /// No values.
    pub fn new() -> Self {
        Values::default()
    }

    /// Values of a tree with string keys and the types of YAML 1.1, as from [`yaml_node::read_yaml11`]. Empty for anything but a
    /// mapping.
    pub fn from_node(node: &Node) -> Self {
        Values {
            map: Rc::new(map_of_node(node)),
        }
    }

    pub(crate) fn from_map(map: Rc<Map>) -> Self {
        Values { map }
    }

    /// The values by key.
    pub fn map(&self) -> &Rc<Map> {
        &self.map
    }

    /// Merges the documents of a values file (`--values`) over the values: maps key by key, anything else replaced, nulls kept.
    /// `name` is the name of the file in messages.
    ///
    /// # Errors
    /// Helm's message if it is not YAML, or a document is not a map.
    pub fn merge_file(&mut self, text: &[u8], name: &str) -> Result<(), Error> {
        let values = load_values(text)
            .map_err(|error| Error::new(Stage::Values, format!("failed to parse {name}: {error}")))?;
        self.merge(&Values::from_node(&values));
        Ok(())
    }

    /// Merges the first document of a text, as Flux reads the values of a ConfigMap.
    ///
    /// # Errors
    /// The message of `yaml.Unmarshal`.
    pub fn merge_document(&mut self, text: &str, file: FileId) -> Result<(), Error> {
        let values = documents::read_map(text, file).map_err(|error| Error::new(Stage::Values, error))?;
        self.merge(&Values::from_node(&values));
        Ok(())
    }

    /// Merges other values over these. Maps that only one side has are shared afterwards, as in Helm.
    pub fn merge(&mut self, over: &Values) {
        self.map = Rc::new(merge_maps(&self.map, &over.map));
    }

    /// `--set`: `a.b[0]=x,c={y,z}`, with booleans, null and integers recognised.
    ///
    /// # Errors
    /// Helm's message.
    pub fn set(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::Typed, "--set data: ")
    }

    /// `--set-string`: as [`Values::set`], but every value is a string.
    ///
    /// # Errors
    /// Helm's message.
    pub fn set_string(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::String, "--set-string data: ")
    }

    /// `--set-file`: as [`Values::set`], but every value is the result of `read` for the text.
    ///
    /// # Errors
    /// Helm's message, and errors of `read`.
    pub fn set_file(
        &mut self,
        text: &str,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<(), Error> {
        self.set_with(text, Syntax::File(read), "--set-file data: ")
    }

    /// `--set-literal`: `a.b[0]=` and a string up to the end of the text.
    ///
    /// # Errors
    /// Helm's message.
    pub fn set_literal(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::Literal, "--set-literal data: ")
    }

    /// `--set-json`: `a.b=[1,2],c={"d":3}`, or one object to merge.
    ///
    /// # Errors
    /// Helm's message.
    pub fn set_json(&mut self, text: &str) -> Result<(), Error> {
        let fail = |message: String| Error::new(Stage::Values, message);
        if text.trim().starts_with('{') {
            let Ok(object) = serde_json::from_str::<serde_json::Value>(text.trim()) else {
                return Err(fail(format!("failed parsing --set-json data JSON: {text}")));
            };
            if let Kind::Map(map) = json::value_of_json(&object).kind {
                self.merge(&Values { map });
            }
            return Ok(());
        }
        strvals::set(text, &self.map, Syntax::Json)
            .map(drop)
            .map_err(|_| fail(format!("failed parsing --set-json data {text}")))
    }

    /// Sets values as [`Values::set`] or [`Values::set_string`] does. Returns which lists were replaced by which: Go changes them
    /// in place, for all holders.
    ///
    /// # Errors
    /// Helm's message, without the name of an option before it.
    pub fn set_path(&mut self, text: &str, as_string: bool) -> Result<ReplacedLists, String> {
        let syntax = if as_string { Syntax::String } else { Syntax::Typed };
        strvals::set(text, &self.map, syntax)
    }

    /// The values as JSON with sorted keys.
    pub fn to_json(&self) -> String {
        json::text_of_map(&self.map)
    }

    fn set_with(&mut self, text: &str, syntax: Syntax<'_>, option: &str) -> Result<(), Error> {
        strvals::set(text, &self.map, syntax)
            .map(drop)
            .map_err(|error| Error::new(Stage::Values, format!("failed parsing {option}{error}")))
    }
}

/// The source position of a value, if known.
pub(crate) fn place_of(value: &Value) -> Option<source_tree::Mark> {
    match value.mark() {
        Some(Mark::Place(place)) => Some(*place),
        _ => None,
    }
}

//! The values that a user gives, and those that charts see.

mod coalesce;
mod copy;
mod documents;
mod json;
mod path;
mod strvals;

use std::rc::Rc;

use go_template::{Kind, Map};
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

/// Values that a user gives: files over each other, then single values over those.
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
    /// None.
    pub fn new() -> Self {
        Values::default()
    }

    /// A tree with string keys and the types of YAML 1.1, such as [`yaml_node::read_yaml11`] reads. What is no mapping gives
    /// no values.
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

    /// Merges the documents of a values file (`--values`) over what is there: maps key by key, anything else replaced, nulls
    /// kept. `name` is how messages call the file.
    ///
    /// # Errors
    /// Helm's words where it is no YAML, or a document is no map.
    pub fn merge_file(&mut self, text: &[u8], name: &str) -> Result<(), Error> {
        let values = documents::load_values_of(text, FileId::NONE)
            .map_err(|error| Error::new(Stage::Values, format!("failed to parse {name}: {error}")))?;
        self.merge(&Values::from_node(&values));
        Ok(())
    }

    /// Merges the first document of a text, as Flux reads the values of a ConfigMap.
    ///
    /// # Errors
    /// The words of `yaml.Unmarshal`.
    pub fn merge_document(&mut self, text: &str, file: FileId) -> Result<(), Error> {
        let values = documents::read_map(text, file).map_err(|error| Error::new(Stage::Values, error))?;
        self.merge(&Values::from_node(&values));
        Ok(())
    }

    /// Merges values over what is there. Maps that only one side has are shared from then on, as in Helm.
    pub fn merge(&mut self, over: &Values) {
        self.map = Rc::new(merge_maps(&self.map, &over.map));
    }

    /// `--set`: `a.b[0]=x,c={y,z}`, with booleans, null and integers by their looks.
    ///
    /// # Errors
    /// Helm's words.
    pub fn set(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::Typed, "--set data: ")
    }

    /// `--set-string`: as [`Values::set`], but every value is a string.
    ///
    /// # Errors
    /// Helm's words.
    pub fn set_string(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::String, "--set-string data: ")
    }

    /// `--set-file`: as [`Values::set`], where every value is what `read` returns for the text.
    ///
    /// # Errors
    /// Helm's words, and what `read` returns.
    pub fn set_file(
        &mut self,
        text: &str,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<(), Error> {
        self.set_with(text, Syntax::File(read), "--set-file data: ")
    }

    /// `--set-literal`: `a.b[0]=` and a string up to the end.
    ///
    /// # Errors
    /// Helm's words.
    pub fn set_literal(&mut self, text: &str) -> Result<(), Error> {
        self.set_with(text, Syntax::Literal, "--set-literal data: ")
    }

    /// `--set-json`: `a.b=[1,2],c={"d":3}`, or one object to merge.
    ///
    /// # Errors
    /// Helm's words.
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

    /// Sets values as [`Values::set`] does, or as [`Values::set_string`], and says which lists were replaced by which: Go
    /// changes them in place, for all who hold them.
    ///
    /// # Errors
    /// Helm's words, without the name of an option before them.
    pub fn set_path(&mut self, text: &str, as_string: bool) -> Result<ReplacedLists, String> {
        let syntax = if as_string { Syntax::String } else { Syntax::Typed };
        strvals::set(text, &self.map, syntax)
    }

    /// The values as JSON, keys sorted.
    pub fn to_json(&self) -> String {
        json::text_of_map(&self.map)
    }

    fn set_with(&mut self, text: &str, syntax: Syntax<'_>, option: &str) -> Result<(), Error> {
        strvals::set(text, &self.map, syntax)
            .map(drop)
            .map_err(|error| Error::new(Stage::Values, format!("failed parsing {option}{error}")))
    }
}

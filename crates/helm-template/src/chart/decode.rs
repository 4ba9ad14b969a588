//! Decoding of Go structs from YAML, as `sigs.k8s.io/yaml` does it.
//!
//! A string field takes any scalar, names match in any case, unknown fields are ignored, and a null changes nothing. Of several
//! type errors the first one is reported, by the order of the keys.

use std::borrow::Cow;

use go_std::time::Time;
use source_tree::{FileId, Limits};
use yaml_node::{Node, Tag, Value, read_yaml11};

/// Keeps the first type error of a decoding.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    error: Option<String>,
}

/// Reads the first document of a YAML text and decodes it.
///
/// # Errors
/// The message of `yaml.Unmarshal` if the text is not YAML, or has other types than `decode` expects.
pub(crate) fn unmarshal<T>(
    text: &[u8],
    decode: impl FnOnce(&mut Decoder, Option<&Node>) -> T,
) -> Result<T, String> {
    let node = yaml_text(text)
        .and_then(|text| {
            read_yaml11(&text, FileId::NONE, &Limits::default()).map_err(|error| error.to_string())
        })
        .map_err(|error| format!("error converting YAML to JSON: {error}"))?;
    let mut decoder = Decoder::default();
    let decoded = decode(&mut decoder, node.as_ref());
    match decoder.error {
        None => Ok(decoded),
        Some(error) => Err(format!("error unmarshaling JSON: while decoding JSON: {error}")),
    }
}

/// The text of a YAML file.
///
/// # Errors
/// go-yaml's message for bytes that are not text.
pub(crate) fn yaml_text(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match yaml_node::decode(bytes) {
        Ok(text) => Ok(text),
        Err(_) => match yaml_node::utf8_problem(bytes) {
            Some(problem) if !yaml_node::is_utf16(bytes) => Err(format!("yaml: {problem}")),
            _ => Ok(String::from_utf8_lossy(bytes)),
        },
    }
}

impl Decoder {
    /// The entries of an object, sorted by key; empty for a null, and for another type, which is an error.
    pub(crate) fn entries<'a>(
        &mut self,
        node: &'a Node,
        target: Target<'_>,
        go_type: &str,
    ) -> Vec<(&'a str, &'a Node)> {
        let Value::Mapping(mapping) = &node.value else {
            if !node.is_null() {
                self.mismatch(node, target, go_type);
            }
            return Vec::new();
        };
        let mut entries: Vec<_> = mapping.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        entries
    }

    /// The items of a list; empty for a null, and for another type, which is an error.
    pub(crate) fn items<'a>(&mut self, node: &'a Node, target: Target<'_>, go_type: &str) -> &'a [Node] {
        if node.as_sequence().is_none() && !node.is_null() {
            self.mismatch(node, target, go_type);
        }
        node.items()
    }

    /// Any scalar as a string; `None` for a null.
    pub(crate) fn string(&mut self, node: &Node, target: Target<'_>) -> Option<String> {
        match &node.value {
            Value::Scalar(scalar) if scalar.tag == Tag::Null => None,
            Value::Scalar(scalar) => Some(scalar.text.to_string()),
            _ => {
                self.mismatch(node, target, "string");
                None
            }
        }
    }

    /// Decodes a string into the field that a key matches; `false` if it matches none. `path` is Go's path of the struct.
    pub(crate) fn string_field<const N: usize>(
        &mut self,
        key: &str,
        node: &Node,
        path: &str,
        fields: [(&str, &mut String); N],
    ) -> bool {
        for (name, field) in fields {
            if is_field(key, name) {
                if let Some(value) = self.string(node, Target::Field(path, name)) {
                    *field = value;
                }
                return true;
            }
        }
        false
    }

    /// A list of strings. A null in it is an empty string.
    pub(crate) fn strings(&mut self, node: &Node, target: Target<'_>) -> Vec<String> {
        let items = self.items(node, target, "[]string");
        items
            .iter()
            .map(|item| self.string(item, target).unwrap_or_default())
            .collect()
    }

    /// A map of strings, sorted by key. A null in it is an empty string.
    pub(crate) fn string_map(&mut self, node: &Node, target: Target<'_>) -> Vec<(String, String)> {
        let entries = self.entries(node, target, "map[string]string");
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), self.string(value, target).unwrap_or_default()))
            .collect()
    }

    /// A boolean; `None` for a null.
    pub(crate) fn bool(&mut self, node: &Node, target: Target<'_>) -> Option<bool> {
        if node.is_null() {
            return None;
        }
        let value = node.as_bool();
        if value.is_none() {
            self.mismatch(node, target, "bool");
        }
        value
    }

    /// Checks that a value is a time or null.
    pub(crate) fn check_time(&mut self, node: &Node) {
        let error = match &node.value {
            Value::Scalar(scalar) => match scalar.tag {
                Tag::Null => return,
                Tag::Bool | Tag::Int | Tag::Float => None,
                _ => match Time::parse("2006-01-02T15:04:05Z07:00", &scalar.text) {
                    Ok(_) => return,
                    Err(error) => Some(error),
                },
            },
            _ => None,
        };
        let error = error.unwrap_or_else(|| "Time.UnmarshalJSON: input is not a JSON string".to_owned());
        self.error.get_or_insert(error);
    }

    fn mismatch(&mut self, node: &Node, target: Target<'_>, go_type: &str) {
        if self.error.is_some() {
            return;
        }
        let found = match &node.value {
            Value::Mapping(_) => "object",
            Value::Sequence(_) => "array",
            Value::Scalar(scalar) => match scalar.tag {
                Tag::Bool => "bool",
                Tag::Int | Tag::Float => "number",
                Tag::Null => "null",
                _ => "string",
            },
        };
        self.error = Some(match target {
            Target::Value => format!("json: cannot unmarshal {found} into Go value of type {go_type}"),
            Target::Field(path, name) => {
                format!("json: cannot unmarshal {found} into Go struct field {path}.{name} of type {go_type}")
            }
        });
    }
}

/// The target of a value, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// The document.
    Value,
    /// A field: Go's path of its struct, such as `Metadata`, and its name.
    Field(&'a str, &'a str),
}

/// Whether a key matches a field, as in `encoding/json`.
pub(crate) fn is_field(key: &str, field: &str) -> bool {
    key == field || key.eq_ignore_ascii_case(field)
}

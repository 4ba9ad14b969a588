//! Schemas of Flux's own objects: their fields, types and allowed values.
//!
//! Flux uses server-side apply, which refuses a field that the definition of a kind does not declare. The tables in `data/`, one
//! file per API group, contain the definitions of Flux 2.9: those below `config/crd/bases` of its controllers, for example
//! <https://github.com/fluxcd/kustomize-controller/tree/main/config/crd/bases>. They are merged with those of older releases: a
//! field is declared if one of them declares it, and required if all of them require it. Definitions that a repository applies
//! itself have precedence.

mod check;
mod definition;
mod pattern;
mod rule;
mod table;

use yaml_node::Node;

pub(crate) use check::{Problem, Violation, closest, entry_mark, type_name};
pub(crate) use definition::Definitions;
use pattern::Pattern;
use rule::Rule;

/// The version of Flux in the tables.
pub(crate) const FLUX: (u32, u32) = (2, 9);

/// The schema of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schema {
    value_type: ValueType,
    is_required: bool,
    /// The enumeration of values; empty if all are allowed.
    allowed: Vec<String>,
    /// The value that the API server uses by default.
    default: Option<String>,
    pattern: Option<Pattern>,
    /// Minimum and maximum number of a string's characters, or of a list's items.
    length: (usize, usize),
}

#[derive(Debug, Clone, PartialEq)]
enum ValueType {
    Text,
    Boolean,
    Number,
    IntegerOrText,
    /// Anything, for example the values of a chart.
    Any,
    Object {
        fields: Vec<(String, Schema)>,
        rules: Vec<Rule>,
    },
    List(Box<Schema>),
    Map(Box<Schema>),
}

impl Schema {
    fn new(value_type: ValueType) -> Self {
        Schema {
            value_type,
            is_required: false,
            allowed: Vec::new(),
            default: None,
            pattern: None,
            length: (0, usize::MAX),
        }
    }

    /// Whether it declares a field.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    fn field(&self, name: &str) -> Option<&Schema> {
        match &self.value_type {
            ValueType::Object { fields, .. } => {
                let found = fields.iter().find(|(known, _)| known == name);
                found.map(|(_, schema)| schema)
            }
            _ => None,
        }
    }
}

/// Whether the tables contain every default of an object's kind, as they do for these versions.
pub(crate) fn has_defaults(object: &Node) -> bool {
    let api_version = object.text_at(&["apiVersion"]).unwrap_or_default();
    [
        "helm.toolkit.fluxcd.io/v2",
        "kustomize.toolkit.fluxcd.io/v1",
        "source.toolkit.fluxcd.io/v1",
    ]
    .contains(&api_version)
}

/// Whether the tables contain the kind of an object.
pub(crate) fn has(object: &Node) -> bool {
    let text = |field: &str| object.text_at(&[field]).unwrap_or_default();
    table::has(text("apiVersion"), text("kind"))
}

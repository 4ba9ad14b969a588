//! What the API server accepts of Flux's own objects: their fields, types and allowed values.
//!
//! Flux applies on the server's side, which refuses a field that the definition of a kind does not declare. The tables in
//! `data/`, one file per API group, hold what the definitions say that come with Flux 2.9: those below `config/crd/bases`
//! of its controllers, such as <https://github.com/fluxcd/kustomize-controller/tree/main/config/crd/bases>. They were joined
//! with those of older releases: a field that one of them declares is declared, and required is what all of them require.
//! Where a repository applies the definitions itself, these count.

mod check;
mod definition;
mod pattern;
mod rule;
mod table;

use std::sync::Arc;

use yaml_node::Node;

pub(crate) use check::{Problem, Violation, closest, type_name};
pub(crate) use definition::Definitions;
use pattern::Pattern;
use rule::Rule;

/// The Flux of the tables.
pub(crate) const FLUX: (u32, u32) = (2, 9);

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schema {
    shape: Shape,
    is_required: bool,
    /// The only values, where not all are allowed.
    allowed: Vec<String>,
    /// What the API server puts in place of nothing.
    default: Option<String>,
    pattern: Option<Pattern>,
    /// Fewest and most characters of a text, or items of a list.
    length: (usize, usize),
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Text,
    Boolean,
    Integer,
    Number,
    IntegerOrText,
    /// Anything, as the values of a chart.
    Any,
    Object {
        fields: Vec<(String, Schema)>,
        rules: Vec<Rule>,
    },
    List(Box<Schema>),
    Map(Box<Schema>),
}

impl Schema {
    fn new(shape: Shape) -> Self {
        Schema {
            shape,
            is_required: false,
            allowed: Vec::new(),
            default: None,
            pattern: None,
            length: (0, usize::MAX),
        }
    }

    /// Whether it is one of an object that has a field.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    fn field(&self, name: &str) -> Option<&Schema> {
        match &self.shape {
            Shape::Object { fields, .. } => {
                let found = fields.iter().find(|(known, _)| known == name);
                found.map(|(_, schema)| schema)
            }
            _ => None,
        }
    }
}

/// The schema of `spec` of an object, as the tables have it; `None` for what is no object of Flux, and for an API version
/// that they lack.
pub(crate) fn of_object(object: &Node) -> Option<Arc<Schema>> {
    table::schema(object.text_at(&["apiVersion"])?, object.text_at(&["kind"])?)
}

/// Whether the tables have every default of an object's kind: those of the current versions.
pub(crate) fn has_defaults(object: &Node) -> bool {
    let api_version = object.text_at(&["apiVersion"]).unwrap_or_default();
    [
        "helm.toolkit.fluxcd.io/v2",
        "kustomize.toolkit.fluxcd.io/v1",
        "source.toolkit.fluxcd.io/v1",
    ]
    .contains(&api_version)
}

/// Whether the tables have an object.
pub(crate) fn has(object: &Node) -> bool {
    let text = |field: &str| object.text_at(&[field]).unwrap_or_default();
    table::has(text("apiVersion"), text("kind"))
}

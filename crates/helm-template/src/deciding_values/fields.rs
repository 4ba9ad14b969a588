//! Fields of manifests.

use source_tree::{FileId, Limits};
use yaml_node::{Node, Value, read_documents};

use super::{ValuePath, ValueStep};
use crate::Rendered;

/// A scalar of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    /// Kind of the object.
    pub kind: String,
    /// The namespace in the manifest; empty for none.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Its path in the object.
    pub path: ValuePath,
}

/// Deepest nesting that is searched.
const DEPTH: usize = 64;
/// Most fields that are collected.
const MOST: usize = 5_000;

impl Field {
    /// The requested fields of one object, with their texts.
    pub fn of_object(object: &Node, is_requested: &dyn Fn(&Field) -> bool) -> Vec<(Field, String)> {
        let mut found = Vec::new();
        fields_of(object, is_requested, &mut found);
        found
    }

    /// Whether it is the image of a container, or of a custom resource for an operator.
    pub fn is_image(&self) -> bool {
        matches!(self.path.0.last(), Some(ValueStep::Key(key)) if key == "image")
    }
}

impl Rendered {
    /// The requested fields of all manifests and hooks, with their texts, in the order of the manifests.
    pub fn fields(&self, is_requested: &dyn Fn(&Field) -> bool) -> Vec<(Field, String)> {
        fields(self, &|_| true, is_requested)
    }
}

/// The requested fields of manifests whose text passes `is_read`.
pub(super) fn fields(
    rendered: &Rendered,
    is_read: &dyn Fn(&str) -> bool,
    is_requested: &dyn Fn(&Field) -> bool,
) -> Vec<(Field, String)> {
    let hooks = rendered.hooks.iter().map(|hook| &hook.manifest);
    let manifests = rendered.manifests.iter().chain(hooks);
    let mut found = Vec::new();
    for manifest in manifests.filter(|manifest| is_read(&manifest.content)) {
        let documents = read_documents(&manifest.content, FileId::NONE, &Limits::default());
        for document in documents.unwrap_or_default() {
            let is_list = document
                .text_at(&["kind"])
                .is_some_and(|kind| kind.ends_with("List"));
            match document.get("items").filter(|_| is_list) {
                Some(items) => {
                    for item in items.items() {
                        fields_of(item, is_requested, &mut found);
                    }
                }
                None => fields_of(&document, is_requested, &mut found),
            }
        }
    }
    found
}

/// Adds the requested fields of an object.
fn fields_of(object: &Node, is_requested: &dyn Fn(&Field) -> bool, found: &mut Vec<(Field, String)>) {
    let text = |path: &[&str]| object.text_at(path).unwrap_or_default().to_owned();
    let mut field = Field {
        kind: text(&["kind"]),
        namespace: text(&["metadata", "namespace"]),
        name: text(&["metadata", "name"]),
        path: ValuePath::default(),
    };
    collect(object, &mut field, is_requested, found);
}

fn collect(
    node: &Node,
    field: &mut Field,
    is_requested: &dyn Fn(&Field) -> bool,
    found: &mut Vec<(Field, String)>,
) {
    if field.path.0.len() > DEPTH || found.len() > MOST {
        return;
    }
    match &node.value {
        Value::Scalar(scalar) => {
            if !node.is_null() && !scalar.text.is_empty() && is_requested(field) {
                found.push((field.clone(), scalar.text.to_string()));
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                field.path.0.push(ValueStep::Index(index));
                collect(item, field, is_requested, found);
                field.path.0.pop();
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter() {
                field.path.0.push(ValueStep::Key(key.to_owned()));
                collect(value, field, is_requested, found);
                field.path.0.pop();
            }
        }
    }
}

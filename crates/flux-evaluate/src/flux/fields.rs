//! Typed access to the fields of an object, with a diagnostic for each wrong type.

use source_tree::{Diagnostic, FileTable, ObjectRef, codes};
use yaml_node::{Mapping, Node};

use super::{object_ref, schema, type_hint};

/// A reader of the fields of one object.
pub(crate) struct Fields<'a> {
    object: &'a Node,
    /// The object before substitution, if it was substituted.
    built: Option<Node>,
    report: Option<Report<'a>>,
}

/// Where wrong types are reported.
struct Report<'a> {
    files: &'a FileTable,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Reports wrong types to `diagnostics`, unless the object has a schema, which reports them.
    pub(crate) fn new(object: &'a Node, files: &'a FileTable, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Fields {
            report: Some(Report { files, diagnostics }),
            ..Fields::unreported(object)
        }
    }

    /// Sets the object before substitution.
    pub(crate) fn built_as(self, built: &Node) -> Self {
        Fields {
            built: Some(built.clone()),
            ..self
        }
    }

    /// Reports no wrong types.
    pub(crate) fn unreported(object: &'a Node) -> Self {
        Fields {
            object,
            built: None,
            report: None,
        }
    }

    pub(crate) fn node(&self) -> &'a Node {
        self.object
    }

    /// The object's identity.
    pub(crate) fn object(&self) -> ObjectRef {
        object_ref(self.object)
    }

    /// A string; an empty one counts as absent.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, field: &str) -> Option<&'n str> {
        let value = present(node, field)?;
        match value.as_str() {
            Some(text) => Some(text).filter(|text| !text.is_empty()),
            None => self.wrong(value, field, "a string"),
        }
    }

    /// As [`Fields::text`], owned.
    pub(crate) fn owned_text(&mut self, node: &Node, field: &str) -> Option<String> {
        self.text(node, field).map(str::to_owned)
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, node: &Node, field: &str) -> Option<i64> {
        let value = present(node, field)?;
        value.as_i64().or_else(|| self.wrong(value, field, "a number"))
    }

    /// A list of strings.
    pub(crate) fn text_list(&mut self, node: &Node, field: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.list(node, field) {
            match value.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    let _: Option<()> = self.wrong(value, field, "a list of strings");
                }
            }
        }
        texts
    }

    /// A boolean; false if it is absent.
    pub(crate) fn bool(&mut self, node: &Node, field: &str) -> bool {
        let value = present(node, field);
        let value = value.and_then(|value| value.as_bool().or_else(|| self.wrong(value, field, "a boolean")));
        value.unwrap_or_default()
    }

    /// A list; empty if it is absent.
    pub(crate) fn list<'n>(&mut self, node: &'n Node, field: &str) -> &'n [Node] {
        let Some(value) = present(node, field) else {
            return &[];
        };
        match value.as_sequence() {
            Some(items) => items,
            None => self.wrong(value, field, "a list").unwrap_or_default(),
        }
    }

    /// A mapping.
    pub(crate) fn mapping<'n>(&mut self, node: &'n Node, field: &str) -> Option<&'n Node> {
        let value = present(node, field)?;
        match value.as_mapping() {
            Some(_) => Some(value),
            None => self.wrong(value, field, "a mapping"),
        }
    }

    /// The strings of a mapping of strings.
    pub(crate) fn texts<'n>(&mut self, node: &'n Node, field: &str) -> Vec<(&'n str, &'n Node)> {
        let entries = self.mapping(node, field).and_then(Node::as_mapping);
        let mut texts = Vec::new();
        for (key, value) in entries.into_iter().flat_map(Mapping::iter) {
            if value.as_str().is_some() {
                texts.push((key, value));
            } else {
                let _: Option<()> = self.wrong(value, &format!("{field}.{key}"), "a string");
            }
        }
        texts
    }

    /// Reports a wrong type.
    pub(crate) fn wrong<T>(&mut self, value: &Node, field: &str, expected: &str) -> Option<T> {
        let report = self.report.as_mut().filter(|_| !schema::has(self.object))?;
        let object = object_ref(self.object);
        let found = schema::type_name(value);
        let message = format!("{object}: `{field}` is {found} instead of {expected}");
        report.diagnostics.push(
            Diagnostic::error(codes::FIELD_INVALID, message)
                .at(report.files.place(value.mark))
                .on(object.to_string())
                .hint(type_hint(self.built.as_ref(), value, expected)),
        );
        None
    }
}

/// The value of `field`, unless it is null.
fn present<'n>(node: &'n Node, field: &str) -> Option<&'n Node> {
    node.get(field).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits, RepoPath};

    #[test]
    fn a_wrong_type_names_file_and_line() {
        let files = FileTable::new();
        let file: FileId = files.id(&RepoPath::new("a.yaml"));
        let text = "kind: Kustomization\nmetadata: {name: x, namespace: y}\nspec:\n  path: 3\n  prune: yes\n";
        let object = yaml_node::read_documents(text, file, &Limits::default())
            .unwrap()
            .remove(0);
        let mut diagnostics = Vec::new();
        let mut fields = Fields::new(&object, &files, &mut diagnostics);
        let spec = object.get("spec").unwrap();
        assert_eq!(fields.text(spec, "path"), None);
        assert!(!fields.bool(spec, "prune"));
        let places: Vec<_> = diagnostics
            .iter()
            .map(|d| d.place.as_ref().unwrap().to_string())
            .collect();
        assert_eq!(places, ["a.yaml:4", "a.yaml:5"]);
        assert!(
            diagnostics[0]
                .message
                .contains("`path` is a number instead of a string")
        );
    }
}

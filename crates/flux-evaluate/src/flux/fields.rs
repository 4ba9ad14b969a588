//! Typed access to the fields of an object, with a diagnostic for each wrong type.

use source_tree::{Diagnostic, FileTable, ObjectRef, codes};
use yaml_node::{Mapping, Node, Tag, Value};

use super::object_ref;

/// Reads the fields of one object.
pub(crate) struct Fields<'a> {
    object: ObjectRef,
    /// The object before substitution, where it went through one.
    built: Option<Node>,
    report: Option<Report<'a>>,
}

/// Where wrong types go.
struct Report<'a> {
    files: &'a FileTable,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    /// Fields of `object`.
    pub(crate) fn new(object: &Node, files: &'a FileTable, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Fields {
            object: object_ref(object),
            built: None,
            report: Some(Report { files, diagnostics }),
        }
    }

    /// The same, where `built` is the object before substitution.
    pub(crate) fn built_as(self, built: &Node) -> Self {
        Fields {
            built: Some(built.clone()),
            ..self
        }
    }

    /// Fields of an object whose wrong types are reported already.
    pub(crate) fn unreported(object: &Node) -> Self {
        Fields {
            object: object_ref(object),
            built: None,
            report: None,
        }
    }

    /// The object's identity.
    pub(crate) fn object(&self) -> &ObjectRef {
        &self.object
    }

    /// A text; empty ones count as absent.
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

    /// A list of texts.
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

    /// A boolean; false where it is absent.
    pub(crate) fn bool(&mut self, node: &Node, field: &str) -> bool {
        let Some(value) = present(node, field) else {
            return false;
        };
        value
            .as_bool()
            .or_else(|| self.wrong(value, field, "a boolean"))
            .unwrap_or_default()
    }

    /// A list; empty where it is absent.
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
        if value.as_mapping().is_some() {
            return Some(value);
        }
        self.wrong(value, field, "a mapping")
    }

    /// The texts of a mapping of texts.
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

    /// Notes a wrong type.
    pub(crate) fn wrong<T>(&mut self, value: &Node, field: &str, expected: &str) -> Option<T> {
        let report = self.report.as_mut()?;
        let found = match value.as_scalar().map(|scalar| &scalar.tag) {
            Some(Tag::Int | Tag::Float) => "a number",
            Some(Tag::Bool) => "a boolean",
            Some(Tag::Null) => "null",
            Some(_) => "a string",
            None if value.as_sequence().is_some() => "a list",
            None => "a mapping",
        };
        report.diagnostics.push(
            Diagnostic::error(
                codes::FIELD_INVALID,
                format!("{}: `{field}` is {found} instead of {expected}", self.object),
            )
            .at(report.files.place(value.mark))
            .on(self.object.to_string())
            .hint(match self.built.as_ref().and_then(|built| variable_at(built, value)) {
                Some(written) => format!(
                    "the API server refuses the object; quotes around `{written}` are gone before Flux replaces it: write \
                     `${{quote}}{written}${{quote}}` with a variable `quote` whose value is `\"`, or put it into more text"
                ),
                None => "the API server refuses the object; quote a text that reads as another type".to_owned(),
            }),
        );
        None
    }
}

/// The text with a variable that stood in place of a value before substitution.
fn variable_at(built: &Node, value: &Node) -> Option<String> {
    match &built.value {
        Value::Scalar(scalar) => {
            let is_it = built.mark == value.mark && scalar.text.contains("${") && !scalar.text.contains('\n');
            is_it.then(|| scalar.text.to_string())
        }
        Value::Sequence(items) => items.iter().find_map(|item| variable_at(item, value)),
        Value::Mapping(mapping) => mapping.iter().find_map(|(_, node)| variable_at(node, value)),
    }
}

/// The value under `field`, where it is not null.
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

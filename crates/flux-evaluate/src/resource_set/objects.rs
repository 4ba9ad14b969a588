//! Objects of templates and one set of inputs, with the places of the templates.

use go_template::{Budget, Value};
use source_tree::{FileId, Limits, Mark};
use yaml_node::{
    Mapping, Node, Sequence, Style, Value as NodeValue, read_yaml11, split_documents, write_document,
};

use super::error::ResourceSetError;
use super::placed_inputs;
use super::template::{self, Template, TemplateError};
use crate::marks::with_marks;
use crate::object_metadata::put_metadata;

/// The identity of an object: group, kind, namespace and name.
pub(super) type Key = (String, String, String, String);

pub(super) fn key(object: &Node) -> Key {
    let text = |path: &[&str]| {
        object
            .at(path)
            .and_then(Node::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let api_version = text(&["apiVersion"]);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let name = text(&["metadata", "name"]);
    (
        group.to_owned(),
        text(&["kind"]),
        text(&["metadata", "namespace"]),
        name,
    )
}

/// Whether an annotation excludes the object from the set.
pub(super) fn is_disabled(object: &Node) -> bool {
    object.text_at(&["metadata", "annotations", "fluxcd.controlplane.io/reconcile"]) == Some("disabled")
}

/// An entry of `resources`.
pub(super) struct ResourceTemplate<'n> {
    node: &'n Node,
    template: Template,
}

impl<'n> ResourceTemplate<'n> {
    pub(super) fn new(node: &'n Node) -> Result<Self, ResourceSetError> {
        let at = |message: String| ResourceSetError::new(message, node.mark);
        // The template is the entry as upstream serialises it: sorted, folded, without comments.
        let text = write_document(node).map_err(|error| at(error.to_string()))?;
        let template = Template::parse(&text).map_err(|error| at(located(&error, &text)))?;
        Ok(ResourceTemplate { node, template })
    }

    pub(super) fn object(&self, inputs: &Value, bounds: &Bounds<'_>) -> Result<Node, ResourceSetError> {
        let at = |message: String| ResourceSetError::new(message, self.node.mark);
        let rendered = self.template.execute(inputs, &bounds.templates);
        let rendered = rendered.map_err(|error| at(error.message))?;
        let documents = documents(&rendered.text, bounds.limits).map_err(|error| at(error.message))?;
        let object = documents.into_iter().next();
        let object = object.ok_or_else(|| at("the template yields no object".into()))?;
        check_kind(&object).map_err(at)?;
        let inputs = placed_inputs::found(&object, &rendered.inputs);
        let object = place(object, Some(self.node), self.node.mark);
        Ok(placed_inputs::marked(object, &inputs))
    }
}

/// The message of an error with the text of its line, since no file contains the template as it is executed.
fn located(error: &TemplateError, text: &str) -> String {
    let line = usize::try_from(error.line).unwrap_or_default();
    match text.lines().nth(line.saturating_sub(1)) {
        Some(line) => format!("{} in `{}`", error.message, line.trim()),
        None => error.message.clone(),
    }
}

/// A `resourcesTemplate`.
pub(super) struct TextTemplate<'n> {
    node: &'n Node,
    template: Template,
}

impl<'n> TextTemplate<'n> {
    pub(super) fn new(node: &'n Node) -> Result<Self, ResourceSetError> {
        let text = node.text().unwrap_or_default();
        let template = Template::parse(text)
            .map_err(|error| ResourceSetError::new(error.message.clone(), line_of(node, error.line)))?;
        Ok(TextTemplate { node, template })
    }

    pub(super) fn objects(&self, inputs: &Value, bounds: &Bounds<'_>) -> Result<Vec<Node>, ResourceSetError> {
        let at = |line| line_of(self.node, line);
        let rendered = self.template.execute(inputs, &bounds.templates);
        let rendered = rendered.map_err(|error| ResourceSetError::new(error.message, at(error.line)))?;
        let lines = &rendered.lines;
        let template_line = |line: u32| {
            let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
            lines.get(index).or(lines.last()).copied().unwrap_or(1)
        };
        let fault =
            |error: TemplateError| ResourceSetError::new(error.message, at(template_line(error.line)));
        let mut objects = Vec::new();
        for document in documents(&rendered.text, bounds.limits).map_err(fault)? {
            let line = document.mark.line;
            let refused = |message| fault(TemplateError { message, line });
            check_kind(&document).map_err(refused)?;
            for object in flatten(document).map_err(refused)? {
                let inputs = placed_inputs::found(&object, &rendered.inputs);
                let object = with_marks(&object, &|mark| at(template_line(mark.line)));
                objects.push(placed_inputs::marked(object, &inputs));
            }
        }
        Ok(objects)
    }
}

/// Bounds of one ResourceSet.
pub(super) struct Bounds<'l> {
    limits: &'l Limits,
    templates: Budget,
}

impl<'l> Bounds<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        let text_bytes = usize::try_from(limits.file_bytes).unwrap_or(usize::MAX);
        Bounds {
            limits,
            templates: template::budget(text_bytes),
        }
    }

    /// Checks the number of objects.
    pub(super) fn check_objects(&self, count: usize, mark: Mark) -> Result<(), ResourceSetError> {
        let limit = self.limits.generated_objects;
        let message = || format!("it makes more than {limit} objects");
        match count > limit {
            true => Err(ResourceSetError::new(message(), mark)),
            false => Ok(()),
        }
    }
}

/// The place of a line of a text. A template of several lines is assumed to be a block scalar, whose text starts on the next line.
fn line_of(node: &Node, line: u32) -> Mark {
    let is_block = |scalar: &yaml_node::Scalar| scalar.style != Style::Folded && scalar.text.contains('\n');
    match node.as_scalar().is_some_and(is_block) && node.mark.is_some() {
        true => Mark::new(node.mark.file, node.mark.line.saturating_add(line)),
        false => node.mark,
    }
}

/// The documents of a text that are not empty, with its lines as marks.
fn documents(text: &str, limits: &Limits) -> Result<Vec<Node>, TemplateError> {
    if let Some(documents) = json_documents(text) {
        return Ok(documents);
    }
    let read = |error: yaml_node::ReadError, offset: u32| TemplateError {
        line: error.mark.line.saturating_add(offset),
        message: error.message,
    };
    // A separator is only recognised with a line before it and a line end after it.
    let text = format!("\n{}\n", text.replace("\r\n", "\n"));
    let mut documents = Vec::new();
    for chunk in split_documents(&text, FileId::NONE).map_err(|error| read(error, 0))? {
        // The first chunk has the line that was added.
        let (lines, offset) = match chunk.line {
            1 => (chunk.text.get(1..).unwrap_or_default(), 0),
            line => (chunk.text, line.saturating_sub(2)),
        };
        let document = read_yaml11(lines, FileId::NONE, limits).map_err(|error| read(error, offset))?;
        let document = document.filter(|document| !document.is_null());
        let shift = |mark: Mark| Mark::new(mark.file, mark.line.saturating_add(offset));
        documents.extend(document.map(|document| with_marks(&document, &shift)));
    }
    Ok(documents)
}

/// The values of a text that is a sequence of JSON objects.
fn json_documents(text: &str) -> Option<Vec<Node>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    values
        .map(|value| value.ok().map(|value| Node::from_json(&value)))
        .collect()
}

/// Upstream refuses a document without kind.
fn check_kind(object: &Node) -> Result<(), String> {
    match object.get("kind").and_then(Node::as_str) {
        Some(kind) if !kind.is_empty() => Ok(()),
        _ if object.as_mapping().is_none() => Err("the output of the template is not an object".into()),
        _ => Err("what the template yields has no kind".into()),
    }
}

/// The items of a list; an object with name and API version; nothing else.
fn flatten(document: Node) -> Result<Vec<Node>, String> {
    if let Some(items) = document.get("items").and_then(Node::as_sequence) {
        if items.iter().any(|item| item.as_mapping().is_none()) {
            return Err("an item of the list is no object".into());
        }
        return Ok(items.to_vec());
    }
    let text = |path: &[&str]| document.at(path).and_then(Node::as_str).unwrap_or_default();
    let api_version = text(&["apiVersion"]);
    let kustomization = text(&["kind"]).eq_ignore_ascii_case("kustomization")
        && api_version.starts_with("kustomize.config.k8s.io/");
    if text(&["metadata", "name"]).is_empty() || api_version.is_empty() || kustomization {
        return Ok(Vec::new());
    }
    Ok(vec![document])
}

/// Gives every node the place of its counterpart in the template, or else of the node around it.
fn place(node: Node, template: Option<&Node>, outer: Mark) -> Node {
    let mark = template.map_or(outer, |template| template.mark);
    let value = match node.value {
        NodeValue::Scalar(scalar) => NodeValue::Scalar(scalar),
        NodeValue::Sequence(items) => {
            let counterparts = template.map_or(&[][..], Node::items);
            let items = items.iter().enumerate();
            let items = items.map(|(index, item)| place(item.clone(), counterparts.get(index), mark));
            NodeValue::Sequence(Sequence::new(items.collect()))
        }
        NodeValue::Mapping(mapping) => {
            let entries = mapping.entries().iter().map(|(key, value)| {
                let name = key.text().unwrap_or_default();
                let known = template.and_then(Node::as_mapping);
                let known_key = known.and_then(|known| known.key(name));
                let key_mark = known_key.map_or(mark, |key| key.mark);
                let counterpart = known.and_then(|known| known.get(name));
                let value = place(value.clone(), counterpart, key_mark);
                (key.clone().with_mark(key_mark), value)
            });
            NodeValue::Mapping(Mapping::new(entries.collect()))
        }
    };
    Node { value, mark }
}

/// Adds labels and annotations of `commonMetadata` to an object that has metadata.
pub(super) fn set_common_metadata(object: &mut Node, common: &Node) {
    let metadata = object.get("metadata");
    let has_metadata = metadata.is_some_and(|metadata| metadata.as_mapping().is_some());
    for field in ["labels", "annotations"] {
        let entries = common.get(field).into_iter().flat_map(Node::iter);
        let entries = entries.map(|(key, value)| (key.to_owned(), value.clone()));
        let entries: Vec<(String, Node)> = entries.collect();
        if has_metadata && !entries.is_empty() {
            put_metadata(object, field, &entries);
        }
    }
}

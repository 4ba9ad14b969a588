//! Templates and one set of inputs turn into objects with the places of the templates.

use source_tree::{FileId, Limits, Mark};
use yaml_node::{
    Mapping, Node, Sequence, Style, Value as Shape, read_yaml11, split_documents, write_document,
};

use super::ResourceSetError;
use super::template::{Template, TemplateError, Value};

/// What tells objects apart: group, kind, namespace and name.
pub(super) type Key = (String, String, String, String);

pub(super) fn key(object: &Node) -> Key {
    let text = |path: &[&str]| object.text_at(path).unwrap_or_default().to_owned();
    let api_version = text(&["apiVersion"]);
    let group = api_version
        .split_once('/')
        .map_or("", |(group, _)| group)
        .to_owned();
    (
        group,
        text(&["kind"]),
        text(&["metadata", "namespace"]),
        text(&["metadata", "name"]),
    )
}

/// Whether an annotation takes the object out of the set.
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
        // The template is the entry as YAML that a program writes: sorted, folded, without comments.
        let text = write_document(node).map_err(|error| at(error.to_string()))?;
        let template = Template::parse(&text).map_err(|error| at(located(&error, &text)))?;
        Ok(ResourceTemplate { node, template })
    }

    pub(super) fn object(&self, inputs: &Value, limits: &Limits) -> Result<Node, ResourceSetError> {
        let at = |message: String| ResourceSetError::new(message, self.node.mark);
        let rendered = self
            .template
            .execute(inputs, bytes(limits))
            .map_err(|error| at(error.message))?;
        let documents = documents(&rendered.text, limits).map_err(|error| at(error.message))?;
        let object = documents
            .into_iter()
            .next()
            .ok_or_else(|| at("the template yields no object".into()))?;
        check_object(&object).map_err(at)?;
        Ok(place(object, Some(self.node), self.node.mark))
    }
}

/// What an error says, and the text of its line, since nobody wrote the template as it is executed.
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

    pub(super) fn objects(&self, inputs: &Value, limits: &Limits) -> Result<Vec<Node>, ResourceSetError> {
        let at = |line| line_of(self.node, line);
        let rendered = self
            .template
            .execute(inputs, bytes(limits))
            .map_err(|error| ResourceSetError::new(error.message.clone(), at(error.line)))?;
        let lines = rendered.lines();
        let template_line = |line: u32| {
            let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
            lines.get(index).or(lines.last()).copied().unwrap_or(1)
        };
        let fault =
            |error: TemplateError| ResourceSetError::new(error.message, at(template_line(error.line)));
        let mut objects = Vec::new();
        for document in documents(&rendered.text, limits).map_err(fault)? {
            let line = document.mark.line;
            check_kind(&document).map_err(|message| fault(TemplateError { message, line }))?;
            for object in flatten(document) {
                objects.push(replace_marks(object, &|mark| at(template_line(mark.line))));
            }
        }
        Ok(objects)
    }
}

fn bytes(limits: &Limits) -> usize {
    usize::try_from(limits.file_bytes).unwrap_or(usize::MAX)
}

/// The place of a line of a text. Only block scalars have lines of their own.
fn line_of(node: &Node, line: u32) -> Mark {
    let block = node
        .as_scalar()
        .is_some_and(|scalar| matches!(scalar.style, Style::Literal));
    if block && node.mark.is_some() {
        Mark::new(node.mark.file, node.mark.line.saturating_add(line))
    } else {
        node.mark
    }
}

/// The documents of a text with content, marked with its lines.
fn documents(text: &str, limits: &Limits) -> Result<Vec<Node>, TemplateError> {
    let text = text.replace("\r\n", "\n");
    let read = |error: yaml_node::ReadError, offset: u32| TemplateError {
        line: error.mark.line.saturating_add(offset),
        message: error.message,
    };
    let mut documents = Vec::new();
    // A separator on the first line has no line before it.
    let text = text
        .strip_prefix("---\n")
        .map_or(text.as_str().into(), |rest| format!("\n{rest}").into());
    let text: std::borrow::Cow<'_, str> = text;
    for chunk in split_documents(&text, FileId::NONE).map_err(|error| read(error, 0))? {
        if chunk.text.trim().is_empty() {
            continue;
        }
        let offset = chunk.line.saturating_sub(1);
        let document = read_yaml11(chunk.text, FileId::NONE, limits).map_err(|error| read(error, offset))?;
        let shift = |mark: Mark| Mark::new(mark.file, mark.line.saturating_add(offset));
        documents.extend(document.map(|document| replace_marks(document, &shift)));
    }
    Ok(documents)
}

/// An object has a kind; a text that yields none is refused.
fn check_kind(object: &Node) -> Result<(), String> {
    match object.as_mapping() {
        None => Err("what the template yields is no object".into()),
        Some(_) if object.text_at(&["kind"]).is_none_or(str::is_empty) => {
            Err("what the template yields has no kind".into())
        }
        Some(_) => Ok(()),
    }
}

fn check_object(object: &Node) -> Result<(), String> {
    check_kind(object)
}

/// The items of a list; an object with name and API version; nothing else.
fn flatten(document: Node) -> Vec<Node> {
    if let Some(items) = document.get("items").and_then(Node::as_sequence) {
        return items.to_vec();
    }
    let named = |path: &[&str]| document.text_at(path).is_some_and(|text| !text.is_empty());
    let kustomization = document
        .text_at(&["kind"])
        .is_some_and(|kind| kind.eq_ignore_ascii_case("kustomization"))
        && document
            .text_at(&["apiVersion"])
            .is_some_and(|version| version.starts_with("kustomize.config.k8s.io/"));
    if named(&["metadata", "name"]) && named(&["apiVersion"]) && !kustomization {
        vec![document]
    } else {
        Vec::new()
    }
}

/// Gives every node the place of its counterpart in the template, and what has none that of what holds it.
fn place(node: Node, template: Option<&Node>, outer: Mark) -> Node {
    let mark = template.map_or(outer, |template| template.mark);
    let value = match node.value {
        Shape::Scalar(scalar) => Shape::Scalar(scalar),
        Shape::Sequence(items) => {
            let counterparts = template.map_or(&[][..], Node::items);
            let items = items.iter().enumerate();
            Shape::Sequence(Sequence::new(
                items
                    .map(|(index, item)| place(item.clone(), counterparts.get(index), mark))
                    .collect(),
            ))
        }
        Shape::Mapping(mapping) => {
            let entries = mapping.entries().iter().map(|(key, value)| {
                let name = key.text().unwrap_or_default();
                let known = template.and_then(Node::as_mapping);
                let key_mark = known
                    .and_then(|known| known.key(name))
                    .map_or(mark, |key| key.mark);
                let counterpart = known.and_then(|known| known.get(name));
                (
                    key.clone().with_mark(key_mark),
                    place(value.clone(), counterpart, key_mark),
                )
            });
            Shape::Mapping(Mapping::new(entries.collect()))
        }
    };
    Node { value, mark }
}

fn replace_marks(node: Node, mark: &dyn Fn(Mark) -> Mark) -> Node {
    let value = match node.value {
        Shape::Scalar(scalar) => Shape::Scalar(scalar),
        Shape::Sequence(items) => {
            let marked = items
                .iter()
                .map(|item| replace_marks(item.clone(), mark))
                .collect();
            Shape::Sequence(Sequence::new(marked))
        }
        Shape::Mapping(mapping) => {
            let entries = mapping.entries().iter();
            Shape::Mapping(Mapping::new(
                entries
                    .map(|(key, value)| {
                        (
                            replace_marks(key.clone(), mark),
                            replace_marks(value.clone(), mark),
                        )
                    })
                    .collect(),
            ))
        }
    };
    Node {
        value,
        mark: mark(node.mark),
    }
}

/// Puts labels and annotations of `commonMetadata` over those of an object.
pub(super) fn set_common_metadata(object: &mut Node, common: &Node) {
    for field in ["labels", "annotations"] {
        let Some(values) = common
            .get(field)
            .and_then(Node::as_mapping)
            .filter(|values| !values.is_empty())
        else {
            continue;
        };
        let Some(metadata) = object.get_mut("metadata").and_then(Node::as_mapping_mut) else {
            continue;
        };
        let own = metadata.get_or_insert_with(field, Node::empty_mapping);
        if own.as_mapping().is_none() {
            *own = Node::empty_mapping();
        }
        if let Some(own) = own.as_mapping_mut() {
            for (key, value) in values.iter() {
                own.insert(key, value.clone());
            }
        }
    }
}

//! The resource documents of a file.

use source_tree::{FileId, Limits, Mark};
use yaml_node::{Lost, Node, ReadError, Value, decode, is_utf16, to_go_json};

use crate::BuildError;
use crate::resource::is_nil_or_empty;
use crate::syntax::Syntax;

/// Parses the resources in a text.
///
/// # Errors
/// [`BuildError::MalformedYaml`] for malformed YAML, [`BuildError::Resource`] for a document that is not a resource.
pub(crate) fn resources(
    bytes: &[u8],
    file: FileId,
    limits: &Limits,
    syntax: &Syntax,
) -> Result<Vec<Node>, BuildError> {
    let text = decode(bytes).map_err(|offset| {
        BuildError::malformed_yaml("MalformedYAMLError: yaml: invalid leading UTF-8 octet")
            .at(Mark::new(file, line_at(bytes, offset)))
    })?;
    // kustomize looks for separators before it decodes, so it finds none in UTF-16.
    let text = match is_utf16(bytes) {
        true => first_document(&text, file),
        false => &text,
    };
    let documents = syntax
        .read(text, file, limits)
        .map_err(|error| malformed(&error))?;
    let unwrap = match documents.as_slice() {
        [only] => matches!(only.text_at(&["kind"]), Some("List" | "ResourceList")) && split_count(text) == 1,
        _ => false,
    };
    let mut nodes = Vec::new();
    for document in documents {
        // A file of one List is replaced by its items, which count as the file's own documents.
        match document.get("items") {
            Some(items) if unwrap => match &items.value {
                Value::Sequence(items) => nodes.extend(items.iter().cloned()),
                // kustomize then takes keys and values as items, which are hardly ever objects.
                Value::Mapping(items) => {
                    nodes.extend(
                        items
                            .entries()
                            .iter()
                            .flat_map(|(key, value)| [key.clone(), value.clone()]),
                    );
                }
                Value::Scalar(_) => {}
            },
            None if unwrap && document.get("functionConfig").is_some() => {}
            _ => nodes.push(document),
        }
    }
    let mut checked = Vec::new();
    for node in nodes {
        push_resource(node, &mut checked)?;
    }
    flatten_lists(checked, limits, syntax)
}

fn first_document(text: &str, file: FileId) -> &str {
    let chunks = yaml_node::split_documents(text, file).unwrap_or_default();
    let first = chunks.into_iter().find(|chunk| !chunk.text.trim().is_empty());
    first.map_or(text, |chunk| chunk.text)
}

fn malformed(error: &ReadError) -> BuildError {
    // kustomize finds bad separators before it parses YAML, and bad merge keys after.
    if error.malformed {
        BuildError::malformed_yaml(format!("MalformedYAMLError: {error}")).at(error.mark)
    } else {
        BuildError::resource(error.message.clone()).at(error.mark)
    }
}

fn line_at(bytes: &[u8], offset: usize) -> u32 {
    let breaks = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

// Empty documents count, because kustomize unwraps a List only in a text without separators.
fn split_count(text: &str) -> usize {
    yaml_node::split_documents(&text.replace("\r\n", "\n"), FileId::NONE).map_or(0, |chunks| chunks.len())
}

/// Appends a resource, skips an empty node, and rejects anything else.
fn push_resource(node: Node, nodes: &mut Vec<Node>) -> Result<(), BuildError> {
    if is_nil_or_empty(&node) {
        return Ok(());
    }
    check_metadata(&node)?;
    nodes.push(node);
    Ok(())
}

/// Fails if `kind` or `metadata.name` is missing.
pub(crate) fn check_metadata(node: &Node) -> Result<(), BuildError> {
    let filled = |path: &[&str]| node.at(path).filter(|node| !is_nil_or_empty(node));
    let text = |path: &[&str]| filled(path).and_then(Node::text).unwrap_or_default();
    let (kind, name) = (text(&["kind"]), text(&["metadata", "name"]));
    let has_metadata = || {
        ["name", "namespace", "labels", "annotations"]
            .iter()
            .any(|field| filled(&["metadata", field]).is_some())
    };
    if filled(&["kind"]).is_none() && filled(&["apiVersion"]).is_none() && !has_metadata() {
        return Err(BuildError::resource("missing Resource metadata").at(node.mark));
    }
    let object = || {
        format!(
            "{{{{{} {}}} {{{{{} {}}} {} {}}}}}",
            text(&["apiVersion"]),
            kind,
            name,
            text(&["metadata", "namespace"]),
            go_map(node.at(&["metadata", "labels"])),
            go_map(node.at(&["metadata", "annotations"]))
        )
    };
    if kind.is_empty() {
        return Err(BuildError::resource(format!("missing kind in object {}", object())).at(node.mark));
    }
    if !kind.ends_with("List") && name.is_empty() {
        return Err(
            BuildError::resource(format!("missing metadata.name in object {}", object())).at(node.mark),
        );
    }
    Ok(())
}

/// A map of strings in Go's `%v` format.
fn go_map(map: Option<&Node>) -> String {
    let mut pairs: Vec<String> = map
        .into_iter()
        .flat_map(Node::iter)
        .map(|(key, value)| format!("{key}:{}", value.text().unwrap_or_default()))
        .collect();
    pairs.sort();
    format!("map[{}]", pairs.join(" "))
}

/// Replaces every object of a kind `…List` that has items by its items, appended at the end.
fn flatten_lists(nodes: Vec<Node>, limits: &Limits, syntax: &Syntax) -> Result<Vec<Node>, BuildError> {
    let mut queue = std::collections::VecDeque::from(nodes);
    let mut flat = Vec::with_capacity(queue.len());
    while let Some(node) = queue.pop_front() {
        let kind = node.text_at(&["kind"]).unwrap_or_default();
        let items = match node.get("items") {
            Some(items) if kind.ends_with("List") => items,
            _ => {
                flat.push(node);
                continue;
            }
        };
        if items.is_null() {
            continue;
        }
        let Value::Sequence(items) = &items.value else {
            let found = if items.as_mapping().is_some() {
                "map[string]interface {}"
            } else {
                "string"
            };
            return Err(
                BuildError::resource(format!("expected array in {kind}/items, but found {found}"))
                    .at(items.mark),
            );
        };
        let mut good = Vec::new();
        for item in items.iter() {
            push_resource(through_json(item, limits, syntax)?, &mut good)?;
        }
        queue.extend(good);
    }
    Ok(flat)
}

/// An item as kustomize extracts it from a list: converted to JSON and parsed again.
///
/// # Errors
/// [`BuildError::Resource`] if it has no JSON form.
fn through_json(item: &Node, limits: &Limits, syntax: &Syntax) -> Result<Node, BuildError> {
    let mut copy = item.clone();
    to_block_style(&mut copy);
    let json = to_go_json(&copy)
        .map_err(|error| BuildError::resource(error.message).at(error.mark).at(item.mark))?;
    let mut read = syntax.read(&json, FileId::NONE, limits).unwrap_or_default();
    Ok(match read.pop() {
        Some(read) if syntax.is_enabled() => read,
        Some(mut read) => {
            copy_marks(&mut read, item);
            read
        }
        None if syntax.is_enabled() => item.clone().with_mark(Lost::Unreadable.mark()),
        None => item.clone(),
    })
}

/// Removes flow style and the written form of nulls, which do not matter because the item is converted to JSON
/// directly.
fn to_block_style(node: &mut Node) {
    if node.is_null() {
        node.value = Node::null().value;
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            items.flow = false;
            items.items_mut().iter_mut().for_each(to_block_style);
        }
        Value::Mapping(mapping) => {
            mapping.flow = false;
            for (_, value) in mapping.entries_mut() {
                to_block_style(value);
            }
        }
    }
}

/// Copies the marks of another tree with the same values but maybe another order of keys.
fn copy_marks(node: &mut Node, other: &Node) {
    node.mark = other.mark;
    match (&mut node.value, &other.value) {
        (Value::Sequence(items), Value::Sequence(others)) => {
            for (item, other) in items.items_mut().iter_mut().zip(others.iter()) {
                copy_marks(item, other);
            }
        }
        (Value::Mapping(mapping), Value::Mapping(others)) => {
            for (key, value) in mapping.entries_mut() {
                let found = key
                    .text()
                    .and_then(|key| Some((others.key(key)?, others.get(key)?)));
                if let Some((other_key, other_value)) = found {
                    key.mark = other_key.mark;
                    copy_marks(value, other_value);
                }
            }
        }
        _ => {}
    }
}

/// Moves all marks of a tree down by `offset` lines, for a text inside another file.
pub(crate) fn shift_lines(node: &mut Node, offset: u32) {
    if offset == 0 {
        return;
    }
    node.mark.line = node.mark.line.saturating_add(offset);
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items
            .items_mut()
            .iter_mut()
            .for_each(|item| shift_lines(item, offset)),
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                shift_lines(key, offset);
                shift_lines(value, offset);
            }
        }
    }
}

/// Parses the resources of a text at `mark` in a kustomization file.
pub(crate) fn inline_resources(
    text: &str,
    mark: Mark,
    limits: &Limits,
    syntax: &Syntax,
) -> Result<Vec<Node>, BuildError> {
    let mut nodes = resources(text.as_bytes(), mark.file, limits, syntax).map_err(|error| {
        let inner = error.mark();
        let line = inner.line.saturating_add(mark.line.saturating_sub(1));
        error.with_mark(Mark::new(mark.file, line))
    })?;
    for node in nodes.iter_mut().filter(|_| !syntax.is_enabled()) {
        shift_lines(node, mark.line.saturating_sub(1));
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        resources(text.as_bytes(), FileId(1), &Limits::default(), &Syntax::default())
            .map(|nodes| {
                nodes
                    .iter()
                    .map(|node| node.text_at(&["metadata", "name"]).unwrap_or_default().to_owned())
                    .collect()
            })
            .map_err(|error| error.to_string())
    }

    const LIST: &str = "kind: FooList\nitems:\n- {kind: A, metadata: {name: a}}\n- null\n";

    #[test]
    fn items_of_lists_are_appended() {
        assert_eq!(
            names(&format!("{LIST}---\nkind: B\nmetadata: {{name: b}}\n")).unwrap(),
            ["b", "a"]
        );
        assert_eq!(names(&LIST.replace("FooList", "List")).unwrap(), ["a"]);
        assert_eq!(names("kind: FooList\n").unwrap(), [""]);
        assert_eq!(
            names("kind: List\nitems: {a: b}\n").unwrap_err(),
            "missing Resource metadata"
        );
    }

    #[test]
    fn documents_that_are_not_resources_are_refused() {
        for (text, expected) in [
            ("a: b\n", "missing Resource metadata"),
            ("metadata: {name: a}\n", "missing kind in object"),
            (
                "kind: A\nmetadata: {generateName: a}\n",
                "missing metadata.name in object",
            ),
            ("kind: [\n", "MalformedYAMLError: yaml: line"),
        ] {
            let error = names(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(names("# only a comment\n---\n---\n").unwrap().is_empty());
    }
}

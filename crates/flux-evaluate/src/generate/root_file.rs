//! The kustomization file of a folder as Flux writes it back: read as YAML 1.1, with known fields only.

use kustomize_build::{BuildError, Sources};
use source_tree::{Mark, RepoPath};
use yaml_node::{Mapping, Node, Tag, Value};

use super::file::{fault, kustomization, kustomization_files};
use super::known_fields::{KUSTOMIZATION, Kind};

/// The kustomization file of `dir`, if it has one.
pub(super) fn read(sources: &Sources, dir: &RepoPath) -> Result<Option<Node>, BuildError> {
    let files = kustomization_files(sources, dir);
    let path = match files.as_slice() {
        [] => return Ok(None),
        [path] => path,
        [path, ..] => {
            let mark = Mark::new(sources.files().id(&sources.tree().provenance(path)), 0);
            let message = format!("Found multiple kustomization files under {dir}");
            return Err(fault(message, mark));
        }
    };
    let document = sources.document(path)?;
    let mut found = kustomization([]);
    let known = document.and_then(|document| keep_known(&document, &KUSTOMIZATION));
    if let (Some(into), Some(known)) = (found.as_mapping_mut(), known) {
        let Value::Mapping(fields) = known.value else {
            return Err(fault("invalid Kustomization: not a mapping", known.mark));
        };
        for (name, value) in fields.iter() {
            into.insert(name, value.clone());
        }
    }
    if found.get("resources").is_none_or(|list| list.items().is_empty()) {
        // kustomize refuses a file without any field. Flux adds this one to every file without resources, so that objects
        // of its generators carry annotations of origin.
        let annotations = Node::sequence([Node::str("originAnnotations")]);
        set(&mut found, "buildMetadata", annotations);
    }
    Ok(Some(found))
}

pub(super) fn set(object: &mut Node, field: &str, value: Node) {
    if let Some(object) = object.as_mapping_mut() {
        object.insert(field, value);
    }
}

/// The value after Go has read it into its type and written it back. `None` if it is empty.
fn keep_known(node: &Node, kind: &Kind) -> Option<Node> {
    if node.is_null() {
        return None;
    }
    match (kind, &node.value) {
        (Kind::Text, Value::Scalar(_)) => Some(to_text(node)).filter(|text| text.text() != Some("")),
        (Kind::TextMap, Value::Mapping(mapping)) => {
            let entries: Vec<_> = mapping
                .entries()
                .iter()
                .map(|(key, value)| (key.clone(), to_text(value)))
                .collect();
            (!entries.is_empty())
                .then(|| Node::new(Value::Mapping(Mapping::new(entries))).with_mark(node.mark))
        }
        (Kind::List(kind), Value::Sequence(items)) => {
            let items: Vec<_> = items.iter().map(|item| keep_item(item, kind)).collect();
            (!items.is_empty()).then(|| Node::sequence(items).with_mark(node.mark))
        }
        (Kind::Object(fields), Value::Mapping(mapping)) => {
            let mut known = Mapping::default();
            for field in *fields {
                let found = mapping.get(field.name).or_else(|| {
                    let mut entries = mapping.iter();
                    entries
                        .find(|(key, _)| key.eq_ignore_ascii_case(field.name))
                        .map(|(_, value)| value)
                });
                if let Some(value) = found.and_then(|value| keep_known(value, field.kind)) {
                    known.insert(field.name, value);
                }
            }
            Some(Node::new(Value::Mapping(known)).with_mark(node.mark))
        }
        // kustomize refuses values of the wrong type.
        _ => Some(node.clone()),
    }
}

/// An item of a list, which stays in the list even if it is empty.
fn keep_item(node: &Node, kind: &Kind) -> Node {
    match kind {
        Kind::Text if node.as_scalar().is_some() => to_text(node),
        _ => keep_known(node, kind).unwrap_or_else(|| Node::empty_mapping().with_mark(node.mark)),
    }
}

/// A scalar as Go reads it into a string. Lists and mappings stay as they are.
fn to_text(node: &Node) -> Node {
    let Some(scalar) = node.as_scalar() else {
        return node.clone();
    };
    let mut text = match scalar.tag {
        Tag::Null => Node::str(""),
        Tag::Float => Node::str(short_float(&scalar.text)),
        _ => Node::str(scalar.text.clone()),
    };
    if let Some(new) = text.as_scalar_mut() {
        new.style = scalar.style;
    }
    text.with_mark(node.mark)
}

/// A float in Go's shortest form, which has an exponent for very large and very small numbers.
fn short_float(json: &str) -> String {
    let Ok(value) = json.parse::<f64>() else {
        return json.to_owned();
    };
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return json.to_owned();
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..21).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kustomize_build::Sources;
    use source_tree::{FileTable, Limits, MemoryTree};
    use std::sync::Arc;

    fn check(text: &str, expected: &str) {
        let tree: MemoryTree = [("kustomization.yaml", text)].into_iter().collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        let found = read(&sources, &RepoPath::root()).unwrap().unwrap();
        assert_eq!(yaml_node::write_document(&found).unwrap(), expected);
    }

    #[test]
    fn unknown_fields_go_and_old_booleans_become_texts() {
        check(
            "foo: 1\nresources: [y, a.yaml]\nimages:\n- name: x\n  newTag: 1.10\n  nope: x\n",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nimages:\n- name: x\n  newTag: \"1.1\"\nkind: Kustomization\nresources:\n- \"true\"\n- a.yaml\n",
        );
    }

    #[test]
    fn a_file_without_resources_asks_for_origins() {
        check(
            "Components: [../c]\nresources: []\n",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nbuildMetadata:\n- originAnnotations\ncomponents:\n- ../c\nkind: Kustomization\n",
        );
    }

    #[test]
    fn long_numbers_take_an_exponent() {
        assert_eq!(short_float("1.5"), "1.5");
        assert_eq!(short_float("1e+21"), "1e+21");
        assert_eq!(short_float("0.00001"), "1e-05");
    }
}

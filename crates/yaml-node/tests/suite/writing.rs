//! Writing as kustomize, go-yaml v3 and Go's JSON do.

use std::sync::Arc;

use crate::common::{FILE, check, limits, samples};
use serde_json::Value as Json;
use yaml_node::{
    Mapping, Node, Scalar, Sequence, Style, Tag, Value, WriteError, read_resources_text, to_go_json,
    write_document, write_preserving,
};

fn write_all(text: &str, write: impl Fn(&Node) -> Result<String, WriteError>) -> Result<Vec<String>, String> {
    let nodes = read_resources_text(text, FILE, &limits()).map_err(|error| error.to_string())?;
    nodes
        .iter()
        .map(|node| write(node).map_err(|error| error.to_string()))
        .collect()
}

#[test]
fn documents_are_written_as_kustomize_prints_them() {
    check("write", "expected", |text| {
        Ok(write_all(text, write_document)?.join("---\n"))
    });
}

#[test]
fn json_is_written_as_go_writes_it() {
    check(
        "write",
        "json",
        |text| Ok(write_all(text, to_go_json)?.join("\n")),
    );
}

#[test]
fn styles_and_order_are_preserved_as_kyaml_preserves_them() {
    check("preserving", "expected", |text| {
        Ok(write_all(text, |node| Ok(write_preserving(node)))?.join("---\n"))
    });
}

#[test]
fn random_texts_are_rewritten_as_by_kustomize() {
    for sample in samples("samples/pipeline.jsonl") {
        let text = sample["text"].as_str().unwrap();
        let written = write_all(text, |node| Ok(format!("---\n{}", write_document(node)?)));
        match (written, sample["ok"].as_str()) {
            (Ok(written), Some(expected)) => {
                pretty_assertions::assert_str_eq!(written.concat(), expected, "{text:?}")
            }
            (Err(error), None) => {
                pretty_assertions::assert_str_eq!(error, sample["err"].as_str().unwrap(), "{text:?}")
            }
            (written, _) => panic!("{text:?} gives {written:?}, not {sample}"),
        }
    }
}

#[test]
fn random_trees_are_written_as_by_kustomize() {
    for sample in samples("samples/trees.jsonl") {
        let node = tree(&sample["tree"]);
        let Some(expected) = sample["text"].as_str() else {
            let error = write_document(&node).unwrap_err().to_string();
            pretty_assertions::assert_str_eq!(error, sample["err"].as_str().unwrap(), "{sample}");
            continue;
        };
        pretty_assertions::assert_str_eq!(write_document(&node).unwrap(), expected, "{sample}");
        pretty_assertions::assert_str_eq!(
            to_go_json(&node).unwrap(),
            sample["json"].as_str().unwrap(),
            "{sample}"
        );
        let preserved = sample["preserved"].as_str().unwrap();
        pretty_assertions::assert_str_eq!(write_preserving(&node), preserved, "{sample}");
    }
}

/// A tree from `["scalar", tag, style, text]`, `["seq", "flow" or "", …]`, `["map", "flow" or "", key, value, …]`.
fn tree(json: &Json) -> Node {
    let parts = json.as_array().unwrap();
    let text = |index: usize| parts[index].as_str().unwrap();
    let flow = text(1) == "flow";
    let children = || parts[2..].iter().map(tree);
    Node::new(match text(0) {
        "scalar" => Value::Scalar(Scalar {
            text: text(3).into(),
            style: match text(2) {
                "s" => Style::SingleQuoted,
                "d" => Style::DoubleQuoted,
                "l" => Style::Literal,
                "f" => Style::Folded,
                _ => Style::Plain,
            },
            tag: match text(1) {
                "" => Tag::Untyped,
                "!!null" => Tag::Null,
                "!!bool" => Tag::Bool,
                "!!int" => Tag::Int,
                "!!float" => Tag::Float,
                "!!str" => Tag::Str,
                "!!timestamp" => Tag::Timestamp,
                "!!binary" => Tag::Binary,
                other => Tag::Custom(Arc::from(other)),
            },
        }),
        "seq" => {
            let mut sequence = Sequence::new(children().collect());
            sequence.flow = flow;
            Value::Sequence(sequence)
        }
        _ => {
            let nodes: Vec<Node> = children().collect();
            let entries = nodes.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()));
            let mut mapping = Mapping::new(entries.collect());
            mapping.flow = flow;
            Value::Mapping(mapping)
        }
    })
}

#[test]
fn a_failed_write_leaves_the_text_as_it_was() {
    let mut out = String::from("before\n");
    let node = Node::mapping([("a", Node::int(1)), ("b", Node::scalar(".inf", Tag::Float))]);
    assert_eq!(
        yaml_node::write_into(&node, &mut out).unwrap_err().to_string(),
        "json: unsupported value: +Inf"
    );
    assert_eq!(out, "before\n");
}

#[test]
fn a_document_may_be_a_scalar() {
    assert_eq!(write_document(&Node::str("yes")).unwrap(), "\"yes\"\n");
    assert_eq!(write_document(&Node::str("a\nb\n")).unwrap(), "|\n  a\n  b\n");
    assert_eq!(write_document(&Node::sequence([Node::int(1)])).unwrap(), "- 1\n");
    assert_eq!(write_document(&Node::empty_mapping()).unwrap(), "{}\n");
}

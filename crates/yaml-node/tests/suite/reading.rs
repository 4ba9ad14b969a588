//! Reading as go-yaml v3 does: values, types, styles, lines and errors.

use crate::common::{FILE, check, data, limits, outline, quote, samples};
use yaml_node::{
    Dialect, Node, Places, Style, Value, read_documents, read_resources_placed, read_resources_text, resolve,
    to_syntax_json,
};

fn outline_all(text: &str) -> Result<String, String> {
    let documents = read_documents(text, FILE, &limits()).map_err(|error| error.to_string())?;
    Ok(documents.iter().map(outline).collect())
}

#[test]
fn edge_files_are_read_as_go_yaml_reads_them() {
    check("edge", "expected", outline_all);
}

#[test]
fn resource_files_are_split_as_kustomize_splits_them() {
    check("split", "expected", |text| {
        let nodes = read_resources_text(text, FILE, &limits()).map_err(|error| error.to_string())?;
        Ok(nodes.iter().map(outline).collect())
    });
}

#[test]
fn plain_scalars_have_the_types_of_both_dialects() {
    let table = std::fs::read_to_string(data("scalars.tsv")).unwrap();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let [text, v3, yaml11] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a row has three columns: {row}");
        };
        let text: String = serde_json::from_str(text).unwrap();
        assert_eq!(resolve(&text, Dialect::V3).name(), v3, "{text}");
        assert_eq!(resolve(&text, Dialect::Yaml11).name(), yaml11, "{text}");
        rows += 1;
    }
    assert!(rows > 2000, "{rows} rows");
}

#[test]
fn the_whole_table_of_scalars_has_the_types_of_go_yaml() {
    let path = data("../../../../../shared/conformance/yaml/goyaml_v3_tags.tsv");
    let Ok(table) = std::fs::read_to_string(path) else {
        println!("skipped: no ../shared");
        return;
    };
    for row in table.lines() {
        let (tag, text) = row.split_once('\t').unwrap();
        let text: String = serde_json::from_str(text).unwrap();
        assert_eq!(resolve(&text, Dialect::V3).name(), tag, "{text}");
    }
}

#[test]
fn random_texts_are_read_as_go_yaml_reads_them() {
    for sample in samples("samples/read.jsonl") {
        let text = sample["text"].as_str().unwrap();
        let read = read_documents(text, FILE, &limits());
        match sample["ok"].as_str() {
            Some(expected) => {
                let lines: String = read.unwrap().iter().map(|node| compact(node) + "\n").collect();
                pretty_assertions::assert_str_eq!(lines, expected, "{text:?}");
            }
            None => {
                let error = read.map(|_| ()).unwrap_err().to_string();
                pretty_assertions::assert_str_eq!(error, sample["err"].as_str().unwrap(), "{text:?}");
            }
        }
    }
}

#[test]
fn comments_and_columns_are_those_of_go_yaml() {
    for sample in samples("samples/syntax.jsonl") {
        let text = sample["text"].as_str().unwrap();
        let mut places = Places::default();
        let read = read_resources_placed(text, &limits(), &mut places).unwrap();
        let json = to_syntax_json(read.first().unwrap(), &places).unwrap();
        pretty_assertions::assert_str_eq!(json, sample["syntax"].as_str().unwrap(), "{text}");
    }
}

/// A tree on one line.
fn compact(node: &Node) -> String {
    let line = node.mark.line;
    let parts = |nodes: Vec<&Node>| {
        nodes
            .into_iter()
            .map(|node| format!(" {}", compact(node)))
            .collect::<String>()
    };
    let flow = |flow| if flow { "-flow" } else { "" };
    match &node.value {
        Value::Scalar(scalar) => {
            let style = match scalar.style {
                Style::Plain => "p",
                Style::SingleQuoted => "s",
                Style::DoubleQuoted => "d",
                Style::Literal => "l",
                Style::Folded => "f",
            };
            let text = quote(&scalar.text);
            let text = text
                .replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026");
            format!("({line} {} {style} {text})", scalar.tag.name())
        }
        Value::Sequence(items) => format!(
            "({line} seq{}{})",
            flow(items.flow),
            parts(items.iter().collect())
        ),
        Value::Mapping(mapping) => {
            let nodes = mapping.entries().iter().flat_map(|(key, value)| [key, value]);
            format!("({line} map{}{})", flow(mapping.flow), parts(nodes.collect()))
        }
    }
}

//! Helpers of the data-driven tests: cases as files, and trees as readable text.

use std::fs;
use std::path::{Path, PathBuf};

use source_tree::{FileId, Limits};
use yaml_node::{Node, Style, Value};

/// The file of all nodes in tests.
pub(crate) const FILE: FileId = FileId(1);

/// The folder with the test data.
pub(crate) fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path)
}

/// Compares the output of `make` for each `*.yaml` of a folder with the file of the same name and `extension`. An `Err`
/// is written as `error: …`. With `UPDATE_EXPECT=1` in the environment the files are written instead.
pub(crate) fn check(folder: &str, extension: &str, make: impl Fn(&str) -> Result<String, String>) {
    let mut inputs: Vec<PathBuf> = fs::read_dir(data(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{folder} has no cases");
    for input in inputs {
        let text = fs::read_to_string(&input).unwrap();
        let mut made = make(&text).unwrap_or_else(|error| format!("error: {error}"));
        if !made.is_empty() && !made.ends_with('\n') {
            made.push('\n');
        }
        let expected_path = input.with_extension(extension);
        if std::env::var("UPDATE_EXPECT").as_deref() == Ok("1") {
            fs::write(&expected_path, &made).unwrap();
        }
        let expected = fs::read_to_string(&expected_path).unwrap();
        pretty_assertions::assert_str_eq!(made, expected, "{}", input.display());
    }
}

/// The lines of a JSONL file.
pub(crate) fn samples(path: &str) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(data(path)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The default limits.
pub(crate) fn limits() -> Limits {
    Limits::default()
}

/// One node a line: line, type, style and text, indented by depth.
pub(crate) fn outline(node: &Node) -> String {
    let mut out = String::from("document\n");
    outline_node(node, 1, &mut out);
    out
}

fn outline_node(node: &Node, depth: usize, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(&node.mark.line.to_string());
    let flow = |flow| if flow { " flow\n" } else { "\n" };
    match &node.value {
        Value::Scalar(scalar) => {
            let style = match scalar.style {
                Style::Plain => "plain",
                Style::SingleQuoted => "single",
                Style::DoubleQuoted => "double",
                Style::Literal => "literal",
                Style::Folded => "folded",
            };
            let text = quote(&scalar.text);
            out.push_str(&format!(" {} {style} {text}\n", scalar.tag.name()));
        }
        Value::Sequence(items) => {
            out.push_str(" list");
            out.push_str(flow(items.flow));
            items.iter().for_each(|item| outline_node(item, depth + 1, out));
        }
        Value::Mapping(mapping) => {
            out.push_str(" mapping");
            out.push_str(flow(mapping.flow));
            for (key, value) in mapping.entries() {
                outline_node(key, depth + 1, out);
                outline_node(value, depth + 1, out);
            }
        }
    }
}

/// A text in quotes, as Go's JSON writes it.
pub(crate) fn quote(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

//! Reading as `sigs.k8s.io/yaml` does.

use crate::common::{FILE, check, limits, samples};
use yaml_node::{read_yaml11, read_yaml11_strict, to_go_json};

fn to_json(text: &str) -> Result<String, String> {
    match read_yaml11(text, FILE, &limits()).map_err(|error| error.to_string())? {
        Some(node) => to_go_json(&node).map_err(|error| error.to_string()),
        None => Ok("null".into()),
    }
}

#[test]
fn files_become_the_json_that_go_makes_of_them() {
    check("yaml11", "expected", to_json);
}

#[test]
fn random_texts_become_the_json_that_go_makes_of_them() {
    for sample in samples("samples/yaml11.jsonl") {
        let text = sample["text"].as_str().unwrap();
        match (to_json(text), sample["ok"].as_str()) {
            (Ok(json), Some(expected)) => pretty_assertions::assert_str_eq!(json, expected, "{text:?}"),
            (Err(error), None) => {
                pretty_assertions::assert_str_eq!(error, sample["err"].as_str().unwrap(), "{text:?}")
            }
            (json, _) => panic!("{text:?} gives {json:?}, not {sample}"),
        }
    }
}

#[test]
fn a_strict_reader_names_every_duplicate_key() {
    let text = "a: 1\nb: {x: 1, z: 2, x: 3}\na: 2\n";
    assert_eq!(to_json(text).unwrap(), r#"{"a":2,"b":{"x":3,"z":2}}"#);
    assert_eq!(
        read_yaml11_strict(text, FILE, &limits()).unwrap_err().to_string(),
        "yaml: unmarshal errors:\n  line 2: key \"x\" already set in map\n  line 3: key \"a\" already set in map"
    );
}

#[test]
fn marks_survive() {
    let node = read_yaml11("a:\n  on: yes\n", FILE, &limits()).unwrap().unwrap();
    let value = node.at(&["a", "true"]).unwrap();
    assert_eq!((value.as_bool(), value.mark.line), (Some(true), 2));
}

#[test]
fn many_keys_are_found_again() {
    let text: String = (0..60).map(|key| format!("k{}: {key}\n", key % 40)).collect();
    let node = read_yaml11(&text, FILE, &limits()).unwrap().unwrap();
    assert_eq!(node.iter().count(), 40);
    assert_eq!(node.get("k3").and_then(yaml_node::Node::as_i64), Some(43));
    assert_eq!(node.get("k39").and_then(yaml_node::Node::as_i64), Some(39));
}

//! The examples of the design are in the catalogs of the fixture, value by value.

use std::fs;

use camino::Utf8PathBuf;
use serde_json::Value;

#[track_caller]
fn check(file: &str) {
    let root = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| -> Value {
        let path = root.join(path).join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let mut missing = Vec::new();
    contained(
        &read("fixtures/seed"),
        &read("skills/flux-infra-guide/data"),
        file,
        &mut missing,
    );
    assert!(
        missing.is_empty(),
        "not in skills/flux-infra-guide/data:\n{}",
        missing.join("\n")
    );
}

/// Collects the parts of `example` that are not in `actual`: maps may have more keys; lists are compared as sets of the
/// same size, since the example does not sort all of them.
fn contained(example: &Value, actual: &Value, path: &str, missing: &mut Vec<String>) {
    match (example, actual) {
        (Value::Object(example), Value::Object(actual)) => {
            for (key, value) in example {
                let path = format!("{path}.{key}");
                match actual.get(key) {
                    Some(found) => contained(value, found, &path, missing),
                    None => missing.push(format!("{path}: {value}")),
                }
            }
        }
        (Value::Array(example), Value::Array(actual)) => {
            if example.len() != actual.len() {
                missing.push(format!(
                    "{path}: {} items instead of {}",
                    actual.len(),
                    example.len()
                ));
            }
            for (index, value) in example.iter().enumerate() {
                let holds = |found: &Value| {
                    let mut inner = Vec::new();
                    contained(value, found, "", &mut inner);
                    inner.is_empty()
                };
                if !actual.iter().any(holds) {
                    missing.push(format!("{path}[{index}]: {value}"));
                }
            }
        }
        (example, actual) if example == actual => {}
        (example, actual) => missing.push(format!("{path}: {actual} instead of {example}")),
    }
}

#[test]
fn services() {
    check("services.json");
}

#[test]
fn flux_resources() {
    check("flux-resources.json");
}

#[test]
fn secrets_map() {
    check("secrets-map.json");
}

#[test]
fn configmaps() {
    check("configmaps.json");
}

//! All conformance cases for the substitution of whole resources.

use std::collections::BTreeMap;

use serde::Deserialize;
use source_tree::{FileId, Limits};
use yaml_node::{Node, read_resources_text, read_yaml11, write_document};

use super::{VariableValue, Variables, is_disabled, substitute};
use crate::DefinedIn;

#[derive(Deserialize)]
struct Case {
    name: String,
    resource_yaml: String,
    vars: Option<BTreeMap<String, String>>,
    strict: bool,
    always: bool,
    as_yaml_before: String,
    result_yaml: Option<String>,
    #[serde(default)]
    skipped_by_disabled_marker: bool,
}

#[test]
fn resources_are_substituted_as_upstream_does() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../tests/data/varsub_yaml_cases.json")).unwrap();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|error| format!("{}: {error}", case.name)))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

fn check(case: &Case) -> Result<(), String> {
    let limits = Limits::default();
    let built = read_resources_text(&case.resource_yaml, FileId(1), &limits)
        .unwrap()
        .remove(0);
    let text = write_document(&built).unwrap();
    if text != case.as_yaml_before {
        return Err(format!(
            "the text before is\n{text}instead of\n{}",
            case.as_yaml_before
        ));
    }
    if is_disabled(&built) != case.skipped_by_disabled_marker {
        return Err("the marker is read otherwise".into());
    }
    if case.skipped_by_disabled_marker {
        return Ok(());
    }
    let mut variables = Variables::default();
    for (name, value) in case.vars.iter().flatten() {
        variables.set(name, VariableValue::plain(value, DefinedIn::File(String::new())));
    }
    if variables.is_empty() && !case.always {
        return check_equal(&built, case.result_yaml.as_deref());
    }
    match (
        substitute(&built, &variables, case.strict, &limits),
        &case.result_yaml,
    ) {
        (Err(_), None) => Ok(()),
        (Err(error), Some(_)) => Err(error.to_string()),
        (Ok(result), expected) => check_equal(
            result.rendered.as_ref().unwrap_or(&result.node),
            expected.as_deref(),
        ),
    }
}

fn check_equal(actual: &Node, expected: Option<&str>) -> Result<(), String> {
    let Some(expected) = expected else {
        return Err("an error was expected".into());
    };
    let expected = read_yaml11(expected, FileId(1), &Limits::default())
        .unwrap()
        .unwrap();
    let (actual, expected) = (
        floats(actual.to_json().unwrap()),
        floats(expected.to_json().unwrap()),
    );
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{actual} instead of {expected}"))
    }
}

/// Converts numbers to floats, since JSON does not distinguish them.
fn floats(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(entries) => Value::Object(entries.into_iter().map(|(k, v)| (k, floats(v))).collect()),
        value => value,
    }
}

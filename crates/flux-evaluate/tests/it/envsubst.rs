//! All envsubst conformance cases.

use std::collections::BTreeMap;

use flux_evaluate::envsubst::{self, Undefined, Variable};

#[test]
fn expressions_expand_as_upstream_expands_them() {
    let text = include_str!("../data/envsubst_cases.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
    let mut failures = Vec::new();
    for case in &cases {
        let input = case["input"].as_str().unwrap();
        let vars: BTreeMap<String, String> = serde_json::from_value(case["vars"].clone()).unwrap_or_default();
        let lookup = |name: &str| vars.get(name).map_or(Variable::Unset, |v| Variable::Known(v));
        let undefined = if case["strict"] == true {
            Undefined::Fail
        } else {
            Undefined::Empty
        };
        let actual = envsubst::parse(input)
            .and_then(|template| template.expand(&lookup, undefined))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let expected = case["expect"].as_str();
        if actual.as_deref().ok() != expected {
            failures.push(format!("{input:?}: expected {expected:?}, got {actual:?}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

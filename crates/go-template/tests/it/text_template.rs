//! Templates compared with Go's text/template.

use std::sync::Arc;

use go_template::{Execution, MissingKey, Templates, Value};
use serde_json::Value as Json;

use crate::calls::library;

/// The data of all cases, and the cases: a `template`, and the `output` or `error` of Go 1.26 with `missingkey=zero` and the
/// functions of [`library`].
const CASES: &str = include_str!("../data/text_template.json");

#[test]
fn templates_yield_what_go_yields() {
    let file: Json = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 150);
    let mut wrong = Vec::new();
    for case in cases {
        let text = case["template"].as_str().unwrap();
        let actual = render(text, value_of(&file["data"]));
        let expected = match case["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(case["output"].as_str().unwrap().to_owned()),
        };
        if actual != expected {
            wrong.push(format!("{text}\n  is       {actual:?}\n  and not  {expected:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

fn render(text: &str, data: Value) -> Result<String, String> {
    let mut templates = Templates::new("set", Arc::new(library())).with_missing_key(MissingKey::Zero);
    templates.parse("t", text).map_err(|error| error.to_string())?;
    match templates.execute("t", data, &Execution::default()) {
        Ok(output) => Ok(output.text.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::NIL,
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => Value::float(number.as_f64().unwrap()),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(value_of).collect()),
        Json::Object(entries) => Value::map(
            entries
                .iter()
                .map(|(key, value)| (key.as_str().into(), value_of(value)))
                .collect(),
        ),
    }
}

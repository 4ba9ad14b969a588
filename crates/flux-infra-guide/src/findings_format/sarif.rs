//! Findings as SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};
use source_tree::{Diagnostic, Severity};

/// The page that explains the codes.
const HELP: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/diagnostics.md");

/// The whole document.
pub(crate) fn document<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let findings: Vec<&Diagnostic> = findings.into_iter().collect();
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    let rules: Vec<Value> = codes
        .into_iter()
        .map(|code| json!({"id": code, "helpUri": format!("{HELP}#{code}")}))
        .collect();
    let results: Vec<Value> = findings.into_iter().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "results": results,
        }],
    });
    plain_text::json::escaped(&format!("{document:#}\n")).into_owned()
}

fn result(finding: &Diagnostic) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let mut message = match &finding.object {
        Some(object) => format!("{object}: {}", finding.message),
        None => finding.message.clone(),
    };
    if let Some(hint) = &finding.hint {
        message.push_str(&format!(" ({hint})"));
    }
    let mut result = json!({
        "ruleId": finding.code,
        "level": level,
        "message": {"text": plain_text::printable(&message)},
    });
    if let Some(place) = &finding.place {
        let mut location = json!({"artifactLocation": {"uri": uri(&place.file.to_string())}});
        if place.line > 0 {
            location["region"] = json!({"startLine": place.line});
        }
        result["locations"] = json!([{"physicalLocation": location}]);
    }
    result
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(byte as char)
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

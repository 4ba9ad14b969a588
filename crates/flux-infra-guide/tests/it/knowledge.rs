//! The schema of the knowledge file accepts what a scan reads without a finding, and refuses the rest.

use std::fs;

use camino::Utf8Path;
use flux_scan::{KNOWLEDGE_FILE, read_knowledge};
use serde_json::Value;
use source_tree::{FileTable, Limits};
use yaml_node::read_documents;

fn is_valid(text: &str) -> Result<(), String> {
    let schema: Value = serde_json::from_str(&catalog_emit::schema::knowledge().unwrap()).unwrap();
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&schema)
        .unwrap();
    let documents = read_documents(
        text,
        FileTable::new().id(&KNOWLEDGE_FILE.into()),
        &Limits::default(),
    )
    .unwrap();
    let node = documents.first().unwrap();
    let json: Value = serde_json::from_str(&yaml_node::to_go_json(node).unwrap()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("\n"))
    }
}

/// The schema and a scan agree.
#[track_caller]
fn check(text: &str, accepted: bool) {
    let (_, findings) = read_knowledge(text, &KNOWLEDGE_FILE.into(), &Limits::default(), false);
    assert_eq!(findings.is_empty(), accepted, "{text}{findings:#?}");
    assert_eq!(is_valid(text).is_ok(), accepted, "{text}{:?}", is_valid(text));
}

#[test]
fn the_fixture_is_valid() {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text =
        fs::read_to_string(root.join("fixtures/infra-flux-nonprod-test").join(KNOWLEDGE_FILE)).unwrap();
    assert_eq!(is_valid(&text), Ok(()));
    check(&text, true);
}

#[test]
fn the_example_of_the_documentation_is_valid() {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/knowledge.md")).unwrap();
    let example = page
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    check(example, true);
}

#[test]
fn schema_and_scan_agree() {
    for text in [
        "services:\n",
        "services:\n  a:\n",
        "services: {a: {description: 7, aliases: [1, true], dependsOn: ~}}\n",
        "tenants: {names: []}\n",
        "notes: {overview: x, services: x, flux: x, secrets: x, configmaps: x, observability: x, dependencies: x}\n",
        "producedElsewhere:\n  - {kind: ConfigMap, name: a}\n  - {kind: SecretProviderClass, name: a, namespace: b}\n  - {kind: ServiceAccount, name: a}\n",
    ] {
        check(text, true);
    }
    for text in [
        "service: {}\n",
        "services: []\n",
        "services: {a: text}\n",
        "services: {a: {owner: x}}\n",
        "services: {a: {aliases: one}}\n",
        "services: {a: {description: [x]}}\n",
        "externals: {a: {purpose: x}}\n",
        "components: {a: {check: x}}\n",
        "tenants: [x]\n",
        "notes: {nowhere: x}\n",
        "producedElsewhere: {kind: Secret, name: a}\n",
        "producedElsewhere: [{kind: Pod, name: a}]\n",
        "producedElsewhere: [{kind: Secret}]\n",
    ] {
        check(text, false);
    }
}

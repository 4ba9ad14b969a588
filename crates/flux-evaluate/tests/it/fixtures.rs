//! Every repository of `fixtures/flux` renders as with Flux's own libraries.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;
use flux_evaluate::{ClusterArg, ScanOptions, entries, evaluate, render};
use serde_json::{Map, Value};
use source_tree::{DiskTree, RepoPath, SourceTree};

type Records = BTreeMap<String, Map<String, Value>>;

#[test]
fn repositories_render_as_flux_renders_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flux");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("entry").exists())
        .collect();
    cases.sort();
    assert!(cases.len() > 40, "only {} cases", cases.len());
    let mut failures = String::new();
    for case in &cases {
        for (path, expected) in clusters(case) {
            let name = case.file_name().unwrap().display();
            let notes = check(&case.join("repo"), &path, &case.join(expected));
            if !notes.is_empty() {
                writeln!(failures, "{name} {path}:\n  {}", notes.join("\n  ")).unwrap();
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Entries with the names of their expected files.
fn clusters(case: &Path) -> Vec<(RepoPath, String)> {
    let text = fs::read_to_string(case.join("entry")).unwrap();
    text.lines()
        .map(|line| match line.split_once('=') {
            Some((name, path)) => (RepoPath::new(path), format!("expected.{name}.jsonl")),
            None => (RepoPath::new(line), "expected.jsonl".to_owned()),
        })
        .collect()
}

fn check(repository: &Path, path: &RepoPath, expected: &Path) -> Vec<String> {
    let tree: Arc<dyn SourceTree> =
        Arc::new(DiskTree::open(Utf8Path::from_path(repository).unwrap()).unwrap());
    // Discovery must find the entry that the case names.
    let found = entries(&tree, &ScanOptions::default()).unwrap();
    let mut notes = Vec::new();
    if !found.iter().any(|entry| entry.path == *path) {
        let paths: Vec<_> = found.iter().map(|entry| entry.path.to_string()).collect();
        notes.push(format!("entries found: {}", paths.join(", ")));
    }
    let options = ScanOptions {
        clusters: vec![ClusterArg {
            joined: Vec::new(),
            name: None,
            path: path.clone(),
        }],
        ..ScanOptions::default()
    };
    let entry = entries(&tree, &options).unwrap().remove(0);
    let evaluation = evaluate(&tree, &entry, &options).unwrap();
    let actual = records(&render::jsonl(&evaluation, None).collect::<String>());
    let expected = records(&fs::read_to_string(expected).unwrap());
    compare(&expected, &actual, &mut notes);
    notes
}

fn records(text: &str) -> Records {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let record: Map<String, Value> = serde_json::from_str(line).unwrap();
            (record["kustomization"].as_str().unwrap().to_owned(), record)
        })
        .collect()
}

fn compare(expected: &Records, actual: &Records, notes: &mut Vec<String>) {
    for (name, record) in expected.iter().filter(|(name, _)| !name.ends_with("(root)")) {
        let Some(found) = actual.get(name) else {
            notes.push(format!("{name}: missing"));
            continue;
        };
        for field in ["external", "path"] {
            if record[field] != found[field] {
                notes.push(format!(
                    "{name}: {field} is {} instead of {}",
                    found[field], record[field]
                ));
            }
        }
        // The expected files come from lenient substitution, as in Flux before 2.9.
        let fails = |record: &Map<String, Value>| {
            record["error"]
                .as_str()
                .is_some_and(|error| !error.is_empty() && !error.contains("(strict mode)"))
        };
        // Flux would fetch some parts, which are left out here.
        if found.contains_key("leftOut") {
            if !fails(record) {
                notes.push(format!("{name}: {} is left out", found["leftOut"]));
            }
        } else if fails(record) != fails(found) {
            notes.push(format!(
                "{name}: error {} instead of {}",
                found["error"], record["error"]
            ));
        } else if !fails(record) && objects(record) != objects(found) {
            notes.push(difference(name, &objects(record), &objects(found)));
        }
    }
    for (name, record) in actual {
        if !expected.contains_key(name) && !name.ends_with("(root)") && !record.contains_key("generatedBy") {
            notes.push(format!("{name}: not expected"));
        }
    }
}

fn objects(record: &Map<String, Value>) -> Vec<Value> {
    let objects = record["objects"].as_array().cloned().unwrap_or_default();
    objects.into_iter().map(floats).collect()
}

/// Converts numbers to floats, since JSON does not distinguish them.
fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(entries) => Value::Object(entries.into_iter().map(|(k, v)| (k, floats(v))).collect()),
        value => value,
    }
}

fn difference(name: &str, expected: &[Value], actual: &[Value]) -> String {
    for (index, object) in expected.iter().enumerate() {
        if actual.get(index) != Some(object) {
            let found = actual.get(index).map_or("nothing".to_owned(), Value::to_string);
            return format!("{name}: object {index} is\n    {found}\n  instead of\n    {object}");
        }
    }
    format!("{name}: {} objects instead of {}", actual.len(), expected.len())
}

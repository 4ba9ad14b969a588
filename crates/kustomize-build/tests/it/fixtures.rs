//! Comparison with kustomize's output on every folder of `fixtures/kustomize`.
//!
//! A case has `input/` (or the folder that `target` names) and `expected.yaml` or `expected-error.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize_build::{BuildError, BuildOptions, Sources, build};
use pretty_assertions::StrComparison;
use source_tree::{DiskTree, FileTable, Limits, RepoPath};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/kustomize")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("input").is_dir())
        .collect();
    cases.sort();
    assert!(
        cases.len() > 100,
        "only {} cases in {}",
        cases.len(),
        folder().display()
    );
    cases
}

fn run(case: &Path) -> Result<String, BuildError> {
    let target = fs::read_to_string(case.join("target")).unwrap_or_else(|_| "input".into());
    let tree = DiskTree::open(case.to_str().unwrap().into()).unwrap();
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    build(&sources, &RepoPath::new(target.trim()), &BuildOptions::default())?.to_yaml()
}

fn name(case: &Path) -> &str {
    case.file_name().unwrap().to_str().unwrap()
}

#[test]
fn output_equals_that_of_kustomize() {
    let (mut count, mut failed) = (0, Vec::new());
    for case in cases() {
        let Ok(expected) = fs::read_to_string(case.join("expected.yaml")) else {
            continue;
        };
        count += 1;
        match run(&case) {
            Ok(actual) if actual == expected => {}
            Ok(actual) => failed.push(format!(
                "{}\n{}",
                name(&case),
                StrComparison::new(&expected, &actual)
            )),
            Err(error) => failed.push(format!("{}: {error}", name(&case))),
        }
    }
    assert!(count > 80, "only {count} cases");
    assert!(
        failed.is_empty(),
        "{} of {count} cases:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn failures_name_the_same_cause() {
    let mut failed = Vec::new();
    for case in cases() {
        let Ok(expected) = fs::read_to_string(case.join("expected-error.txt")) else {
            continue;
        };
        match run(&case) {
            Ok(_) => failed.push(format!("{}: expected a failure", name(&case))),
            Err(error) if is_unresolved(&case) => {
                assert!(error.is_unresolved(), "{}: {error}", name(&case));
            }
            Err(error) => {
                assert!(!error.is_unresolved(), "{}: {error}", name(&case));
                let missing = missing_words(&expected, &error.to_string());
                if !missing.is_empty() {
                    failed.push(format!(
                        "{}\n  expected {expected}\n  actual   {error}\n  lacks {missing:?}",
                        name(&case)
                    ));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn is_unresolved(case: &Path) -> bool {
    ["remote-", "helmCharts-", "transformers-external-"]
        .iter()
        .any(|kind| name(case).starts_with(kind))
}

/// The quoted texts in the last part of kustomize's message (files, fields, ids) that ours lacks, except whole objects,
/// which kustomize prints with its internals.
fn missing_words(expected: &str, actual: &str) -> Vec<String> {
    let last = expected.trim().rsplit(": ").next().unwrap_or_default();
    if last.contains("{\"") {
        return Vec::new();
    }
    let quoted = last.split(['\'', '"', '`']).skip(1).step_by(2);
    quoted
        .map(|text| text.rsplit('/').next().unwrap_or(text).to_owned())
        .filter(|text| !actual.contains(text.as_str()))
        .collect()
}

//! Files of object, patch and expected object are held against [`merge`]. `UPDATE_EXPECTED=1` rewrites them.
//!
//! Each file holds what `kustomize build` 5.8.2 prints for the object with the patch in `patches`, or the error.

use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;
use source_tree::{FileId, Limits};
use yaml_node::{Node, read_resources_text, write_document};

use super::merge;
use crate::schema::Schema;

fn check(path: &Path, failures: &mut Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let (inputs, expected) = text.rsplit_once("---\n").unwrap();
    let documents = read_resources_text(inputs, FileId(1), &Limits::default()).unwrap();
    let [object, patch] = &documents[..] else {
        panic!(
            "{}: want an object, a patch and what comes of them",
            path.display()
        );
    };
    let actual = outcome(patch, object);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, format!("{inputs}---\n{actual}")).unwrap();
    } else if actual != expected {
        failures.push(format!("{}:\n{actual}\nexpected:\n{expected}", path.display()));
    }
}

fn outcome(patch: &Node, object: &Node) -> String {
    let mut schema = Schema::default();
    schema.prepare();
    match merge(patch, object, &schema) {
        Ok(Some(merged)) => write_document(&merged).unwrap(),
        Ok(None) => String::new(),
        Err(error) => format!("error: {error}\n"),
    }
}

#[test]
fn files_are_merged_as_kustomize_merges_them() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/strategic_merge");
    let mut paths: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "files are missing from {}", directory.display());
    let mut failures = Vec::new();
    for path in &paths {
        check(path, &mut failures);
    }
    assert_eq!(failures.join("\n"), "");
}

#[test]
fn marks_tell_who_decided_a_value() {
    let limits = Limits::default();
    let object = "kind: X\nspec:\n  a: 1\n  b: 1\n  c: {d: 1}\n";
    let object = &read_resources_text(object, FileId(1), &limits).unwrap()[0];
    let patch = &read_resources_text("spec:\n  a: 2\n  new: [1]\n", FileId(2), &limits).unwrap()[0];
    let merged = merge(patch, object, &Schema::default()).unwrap().unwrap();
    let file = |path: &[&str]| merged.at(path).map(|node| node.mark.file);
    assert_eq!(file(&["spec", "a"]), Some(FileId(2)));
    assert_eq!(file(&["spec", "new"]), Some(FileId(2)));
    assert_eq!(file(&["spec", "b"]), Some(FileId(1)));
    assert_eq!(file(&["spec", "c", "d"]), Some(FileId(1)));
}

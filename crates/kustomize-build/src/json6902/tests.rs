//! Tests of JSON patches: files of expected results, and the marks of values.

use pretty_assertions::assert_eq;
use source_tree::{FileId, Limits, Mark};
use yaml_node::{Node, read_resources_text, write_document};

use super::parse;
use crate::test_files;

fn read(text: &str) -> Node {
    read_resources_text(text, FileId(1), &Limits::default())
        .unwrap()
        .remove(0)
}

fn outcome(object: &str, patch: &str) -> Result<String, String> {
    let patch =
        parse(patch, Mark::new(FileId(2), 1), &Limits::default()).map_err(|error| error.to_string())?;
    let patched = patch
        .unwrap_or_default()
        .apply(&read(object), &mut Vec::new())
        .map_err(|error| error.to_string())?;
    write_document(&patched).map_err(|error| error.to_string())
}

#[test]
fn files_are_patched_as_kustomize_patches_them() {
    test_files::check("json6902", |inputs| {
        let [object, patch] = inputs else {
            panic!("want an object and a patch");
        };
        outcome(object, patch).unwrap_or_else(|error| format!("error: {error}\n"))
    });
}

#[test]
fn values_keep_their_places() {
    let object = read("a: {x: 1}\nb: 2\n");
    let patch = "# comment\n- {op: move, from: /a, path: /c}\n- op: add\n  path: /d\n  value: 1\n";
    let patch = parse(patch, Mark::new(FileId(2), 1), &Limits::default())
        .unwrap()
        .unwrap();
    let patched = patch.apply(&object, &mut Vec::new()).unwrap();
    let place = |path: &[&str]| patched.at(path).map(|node| (node.mark.file.0, node.mark.line));
    assert_eq!(place(&["c", "x"]), Some((1, 1)));
    assert_eq!(place(&["b"]), Some((1, 2)));
    assert_eq!(place(&["d"]), Some((2, 5)));
}

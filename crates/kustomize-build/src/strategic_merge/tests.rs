//! Tests of merges: files of expected results, and the marks of values.

use pretty_assertions::assert_eq;
use source_tree::{FileId, Limits};
use yaml_node::{Node, read_resources_text, write_document};

use super::merge;
use crate::schema::Schema;
use crate::test_files;

fn read(text: &str, file: u32) -> Node {
    read_resources_text(text, FileId(file), &Limits::default())
        .unwrap()
        .remove(0)
}

#[test]
fn files_are_merged_as_kustomize_merges_them() {
    let mut schema = Schema::default();
    schema.prepare().unwrap();
    test_files::check("strategic_merge", |inputs| {
        let [object, patch] = inputs else {
            panic!("want an object and a patch");
        };
        match merge(&read(patch, 2), &read(object, 1), &schema) {
            Ok(Some(merged)) => write_document(&merged).unwrap(),
            Ok(None) => String::new(),
            Err(error) => format!("error: {error}\n"),
        }
    });
}

#[test]
fn marks_lead_to_the_source_of_each_value() {
    let object = read("kind: X\nspec:\n  a: 1\n  b: 1\n  c: {d: 1}\n", 1);
    let patch = read("spec:\n  a: 2\n  new: [1]\n", 2);
    let merged = merge(&patch, &object, &Schema::default()).unwrap().unwrap();
    let file = |path: &[&str]| merged.at(path).map(|node| node.mark.file);
    assert_eq!(file(&["spec", "a"]), Some(FileId(2)));
    assert_eq!(file(&["spec", "new"]), Some(FileId(2)));
    assert_eq!(file(&["spec", "b"]), Some(FileId(1)));
    assert_eq!(file(&["spec", "c", "d"]), Some(FileId(1)));
}

#[test]
fn long_lists_are_merged_quickly() {
    let pod = |items: &str| {
        read(
            &format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n{items}"),
            1,
        )
    };
    let mut schema = Schema::default();
    schema.prepare().unwrap();
    let env = |count: usize, key: &str| {
        let items: String = (0..count)
            .map(|index| format!("    - {{{key}: v{index}}}\n"))
            .collect();
        format!("    env:\n{items}")
    };
    let merged = merge(&pod(&env(5_000, "name")), &pod(&env(5_000, "name")), &schema)
        .unwrap()
        .unwrap();
    let merged = &merged.at(&["spec", "containers"]).unwrap().items()[0];
    assert_eq!(merged.get("env").unwrap().items().len(), 5_000);
    let ports = env(5_000, "containerPort").replace("env:", "ports:");
    let merged = merge(&pod(&ports), &pod(&ports), &schema).unwrap().unwrap();
    let merged = &merged.at(&["spec", "containers"]).unwrap().items()[0];
    assert_eq!(merged.get("ports").unwrap().items().len(), 5_000);
    // Each item of the object replaces all items of the patch.
    let object = env(5_000, "name").replace("name: v", "name: '', value: v");
    let merged = merge(&pod(&env(5_000, "name")), &pod(&object), &schema)
        .unwrap()
        .unwrap();
    let merged = &merged.at(&["spec", "containers"]).unwrap().items()[0];
    assert!(merged.get("env").unwrap().items().len() >= 5_000);
}

//! Comparison of ResourceSets with flux-operator 0.59.

use pretty_assertions::assert_eq;
use source_tree::{FileTable, Limits, RepoPath};
use yaml_node::{Node, read_resources_text};

use super::{ResourceSetError, render};
use crate::flux::{Fields, ResourceSet, ResourceSetInputProvider};

/// Each line: `name`, `set` and `providers` as YAML, and `objects`, or `error` if flux-operator fails.
const CASES: &str = include_str!("../../tests/data/resource_set/cases.jsonl");

#[test]
fn objects_are_those_that_flux_operator_builds() {
    assert!(CASES.lines().count() > 60);
    for line in CASES.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let providers = case["providers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|text| text.as_str());
        let rendered = run(case["set"].as_str().unwrap(), &providers.collect::<Vec<_>>());
        match (rendered, case["objects"].as_array()) {
            (Ok(objects), Some(expected)) => {
                let objects: Vec<serde_json::Value> = objects.iter().map(to_json).collect();
                assert_eq!(&objects, expected, "{name}");
            }
            (Err(_), None) => {}
            (rendered, _) => panic!("{name}: {rendered:?}"),
        }
    }
}

fn to_json(node: &Node) -> serde_json::Value {
    serde_json::from_str(&yaml_node::to_go_json(node).unwrap()).unwrap()
}

fn run(set: &str, providers: &[&str]) -> Result<Vec<Node>, ResourceSetError> {
    let files = FileTable::new();
    let file = files.id(&RepoPath::new("set.yaml"));
    let read = |text: &str| {
        read_resources_text(text, file, &Limits::default())
            .unwrap()
            .remove(0)
    };
    let mut diagnostics = Vec::new();
    let set = read(set);
    let set = ResourceSet::read(&set, &mut Fields::new(&set, &files, &mut diagnostics));
    let providers = providers.iter().map(|text| {
        let node = read(text);
        ResourceSetInputProvider::read(&node, &mut Fields::new(&node, &files, &mut Vec::new()))
    });
    render(&set, &providers.collect::<Vec<_>>(), &Limits::default())
}

const HEAD: &str = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: app, namespace: apps}\nspec:\n";

#[test]
fn objects_have_the_places_of_their_templates() {
    let objects = run(
        &format!(
            "{HEAD}  inputs: [{{v: 1}}]\n  resources:\n    - apiVersion: v1\n      kind: X\n      metadata:\n        name: << inputs.v >>x\n\
             \x20 resourcesTemplate: |\n    # comment\n    << range until 2 >>\n    ---\n    apiVersion: v1\n    kind: Z\n    metadata:\n      name: y<< . >>\n    << end >>\n"
        ),
        &[],
    )
    .unwrap();
    let lines = |object: &Node| {
        (
            object.mark.line,
            object.at(&["metadata", "name"]).unwrap().mark.line,
        )
    };
    assert_eq!(
        objects.iter().map(lines).collect::<Vec<_>>(),
        [(7, 10), (15, 18), (15, 18)]
    );
}

#[test]
fn a_set_that_depends_on_the_cluster_is_reported() {
    let set = |name: &str| {
        format!(
            "{HEAD}  inputsFrom: [{{name: p}}]\n  resources:\n    - {{apiVersion: v1, kind: X, metadata: {{name: '{name}'}}}}\n"
        )
    };
    let provider = |kind: &str| {
        format!(
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSetInputProvider\nmetadata: {{name: p, namespace: apps}}\n\
             spec: {{type: {kind}, defaultValues: {{a: b}}}}\n"
        )
    };
    let message = |set: &str, kind: &str| {
        run(set, &[&provider(kind)])
            .map(|objects| objects.len())
            .map_err(|e| e.message)
    };
    assert_eq!(message(&set("<< inputs.a >>"), "Static"), Ok(1));
    let beside = "<< index inputs \"a\" >><< hasKey inputs \"id\" >><< len inputs >>";
    assert_eq!(message(&set(beside), "Static"), Ok(1));
    let unknown =
        "inputs.id of ResourceSetInputProvider/apps/p is made of its UID, which only a cluster knows";
    for name in [
        "<< inputs.id >>",
        "<< toJson inputs >>",
        "<< index inputs \"id\" | default 1 >>",
        "<< range inputs >><< end >>",
    ] {
        let message = message(&set(name), "Static").unwrap_err();
        assert!(message.ends_with(unknown), "{name}: {message}");
    }
    assert_eq!(
        message(&set("x"), "GitHubPullRequest"),
        Err("the inputs of ResourceSetInputProvider/apps/p come from GitHubPullRequest, which a scan cannot ask".into())
    );
}

#[test]
fn errors_have_the_place_of_the_template() {
    let error = run(
        &format!("{HEAD}  resourcesTemplate: |\n    a\n    b\n    << fail \"no\" >>\n"),
        &[],
    )
    .unwrap_err();
    assert_eq!((error.message.as_str(), error.mark.line), ("fail: no", 8));
    let error = run(
        &format!(
            "{HEAD}  inputs: [{{}}]\n  resourcesTemplate: |\n    apiVersion: v1\n    kind: X\n    a: b: c\n"
        ),
        &[],
    );
    assert_eq!(error.unwrap_err().mark.line, 9);
    let error = run(
        &format!("{HEAD}  resources:\n    - kind: X\n      x:\n        key: << foo >>\n"),
        &[],
    )
    .unwrap_err();
    assert_eq!(
        (error.message.as_str(), error.mark.line),
        ("function \"foo\" not defined in `key: << foo >>`", 6)
    );
}

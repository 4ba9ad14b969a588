//! All conformance cases for the generation of kustomization files.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use camino::Utf8Path;
use kustomize_build::{BuildError, Sources};
use serde::Deserialize;
use source_tree::{DiskTree, FileId, FileTable, Limits, RepoPath};
use yaml_node::{Node, read_yaml11, write_document};

use super::{ApiVersion, generate};
use crate::build::build_whole;

#[derive(Deserialize)]
struct Case {
    name: String,
    files: BTreeMap<String, String>,
    path: String,
    spec: serde_json::Value,
    #[serde(default)]
    links: BTreeMap<String, String>,
    generated_kustomization: Option<String>,
    build: Option<String>,
    error: Option<String>,
}

#[test]
fn kustomizations_are_generated_as_upstream_does() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../tests/data/generate_cases.json")).unwrap();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|error| format!("{}: {error}", case.name)))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

fn check(case: &Case) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in &case.files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for (link, target) in &case.links {
        std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
    }
    let tree = DiskTree::open(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    let dir = RepoPath::new(&case.path);
    let spec = Node::from_json(&case.spec);
    let generated = generate(&sources, &dir, Some(&spec), ApiVersion::Stable);
    let built = generated.clone().and_then(|kustomization| {
        let build = build_whole(&sources, &dir, &kustomization)?;
        build.to_yaml()
    });
    if let Some(error) = &case.error {
        return match built {
            Err(_) => Ok(()),
            Ok(text) => Err(format!("built\n{text}instead of {error}")),
        };
    }
    if let Some(expected) = &case.generated_kustomization {
        let actual = write_document(&generated.map_err(words)?).unwrap();
        let read = |text: &str| read_yaml11(text, FileId(1), &Limits::default()).unwrap().unwrap();
        if !read(&actual).same_value(&read(expected)) {
            return Err(format!("generated\n{actual}instead of\n{expected}"));
        }
    }
    let text = built.map_err(words)?;
    let expected = case.build.as_deref().unwrap_or_default();
    if text == expected {
        Ok(())
    } else {
        Err(format!("built\n{text}instead of\n{expected}"))
    }
}

fn words(error: BuildError) -> String {
    error.to_string()
}

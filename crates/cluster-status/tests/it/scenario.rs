//! A scenario: changes to a common repository, and to a cluster that is in sync with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flux_scan::{ScanOptions, scan};
use infra_model::Infrastructure;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use source_tree::MemoryTree;

/// Part of every value of the recorded clusters that must not be shown.
pub(crate) const MARKER: &str = "PLANTED-SECRET-MARKER";
/// `MARKER` in base64.
pub(crate) const MARKER_BASE64: &str = "UExBTlRFRC1TRUNSRVQtTUFSS0VS";

/// Test data.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// The folders of all scenarios, by name.
pub(crate) fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(data().join("scenarios")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The facts of the repository.
pub(crate) fn facts(scenario: &Path) -> Infrastructure {
    let mut files = BTreeMap::new();
    for root in [data().join("repo"), scenario.join("repo")] {
        add_files(&root, &root, &mut files);
    }
    let mut tree = MemoryTree::new();
    for (path, text) in files {
        tree.insert(path.as_str(), text);
    }
    let scan = scan(Arc::new(tree), &ScanOptions::default()).unwrap();
    let mut clusters = scan.clusters.into_iter();
    let infrastructure = clusters.next().unwrap().infrastructure;
    assert!(clusters.next().is_none());
    infrastructure
}

fn add_files(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => add_files(root, &path, files),
            false => {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
}

/// The objects of the cluster.
pub(crate) fn objects(scenario: &Path) -> Vec<Value> {
    let items = |path: PathBuf| match fs::read(path) {
        Ok(text) => serde_json::from_slice::<Value>(&text).unwrap()["items"]
            .as_array()
            .unwrap()
            .clone(),
        Err(_) => Vec::new(),
    };
    let mut objects: BTreeMap<String, Value> = BTreeMap::new();
    for object in items(data().join("in-sync.json"))
        .into_iter()
        .chain(items(scenario.join("cluster.json")))
    {
        objects.insert(identity(&object), object);
    }
    for gone in fs::read_to_string(scenario.join("gone.txt"))
        .unwrap_or_default()
        .lines()
    {
        assert!(objects.remove(gone).is_some(), "{gone} is not in the cluster");
    }
    objects.into_values().collect()
}

fn identity(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    format!(
        "{}/{}/{}",
        text(&object["kind"]),
        text(&metadata["namespace"]),
        text(&metadata["name"])
    )
}

/// A file with objects as kubectl prints them.
pub(crate) fn record(objects: &[Value]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let list =
        json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}});
    fs::write(file.path(), format!("{list:#}")).unwrap();
    file
}

/// Compares `actual` with a file.
#[track_caller]
pub(crate) fn check(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, actual).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        actual,
        expected,
        "{} differs; UPDATE_EXPECT=1 rewrites it",
        path.display()
    );
}

//! Tests from files of inputs and expected output. `UPDATE_EXPECT=1` rewrites the files.
//!
//! A file holds its inputs, followed by the output of `kustomize build` 5.8.2, separated by `---`.

use std::fs;
use std::path::Path;

use pretty_assertions::assert_eq;

/// Compares every file of a folder below `tests/data` with the output of `outcome` for its inputs.
pub(crate) fn check(folder: &str, outcome: impl Fn(&[&str]) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no files in {}", folder.display());
    let mut failures = String::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let (inputs, expected) = text.rsplit_once("---\n").unwrap();
        let parts: Vec<_> = inputs.split("---\n").collect();
        let actual = outcome(&parts);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(path, format!("{inputs}---\n{actual}")).unwrap();
        } else if actual != expected {
            failures.push_str(&format!("{}:\n{actual}\nexpected:\n{expected}\n", path.display()));
        }
    }
    assert_eq!(failures, "");
}

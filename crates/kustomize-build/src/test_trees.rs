//! Builds of small trees in tests. If `$KUSTOMIZE` is set, the binary must build them to the same bytes.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use pretty_assertions::assert_eq;
use source_tree::{FileTable, Limits, MemoryTree, RepoPath};

use crate::{BuildOptions, Reorder, Sources, build};

/// The output of a build of a tree's root without sorting, or the error message.
pub(crate) fn built(files: &[(&str, &str)]) -> Result<String, String> {
    let yaml = built_here(files);
    if let Some(kustomize) = std::env::var_os("KUSTOMIZE") {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let output = Command::new(kustomize)
            .args(["build", "--reorder", "none"])
            .arg(folder.path())
            .output()
            .unwrap();
        let theirs = output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned());
        assert_eq!(yaml.as_ref().ok(), theirs.as_ref());
    }
    yaml
}

/// As [`built`], for trees that are refused here but not by kustomize.
pub(crate) fn built_here(files: &[(&str, &str)]) -> Result<String, String> {
    let tree: MemoryTree = files.iter().copied().collect();
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    let options = BuildOptions {
        reorder: Some(Reorder::None),
        ..BuildOptions::default()
    };
    build(&sources, &RepoPath::root(), &options)
        .and_then(|build| build.to_yaml())
        .map_err(|error| error.to_string())
}

/// The output of a build of `kustomization.yaml` with one file of resources.
pub(crate) fn build_objects(kustomization: &str, resources: &str) -> Result<String, String> {
    let kustomization = format!("resources: [objects.yaml]\n{kustomization}");
    built(&[
        ("kustomization.yaml", &kustomization),
        ("objects.yaml", resources),
    ])
}

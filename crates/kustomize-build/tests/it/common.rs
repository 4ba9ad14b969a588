//! Comparison with the kustomize binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use kustomize_build::{BuildError, BuildOptions, LoadRestrictions, Sources, build};
use pretty_assertions::StrComparison;
use source_tree::{DiskTree, FileTable, Limits, RepoPath};

/// The binary of the release that the crate follows: `$KUSTOMIZE`, on the `PATH`, or in Go's folder.
pub(crate) fn kustomize() -> Option<PathBuf> {
    let home = std::env::var("HOME").unwrap_or_default();
    let candidates = [
        std::env::var("KUSTOMIZE").unwrap_or_default(),
        "kustomize".into(),
        format!("{home}/go/bin/kustomize"),
    ];
    candidates
        .into_iter()
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .find(|path| {
            let version = Command::new(path).arg("version").output();
            version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("v5.8.2"))
        })
}

fn ours(dir: &Path) -> Result<String, BuildError> {
    let tree = DiskTree::open("/".into()).unwrap();
    let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
    let options = BuildOptions {
        absolute_paths: true,
        load_restrictions: LoadRestrictions::None,
        ..BuildOptions::default()
    };
    build(&sources, &RepoPath::new(dir.to_str().unwrap()), &options)?.to_yaml()
}

/// The result of comparing a build here with the binary's.
pub(crate) enum Outcome {
    /// The same bytes.
    Same,
    /// Neither builds it.
    BothFail,
    /// The difference.
    Differs(String),
}

/// Builds a directory here and with the binary.
pub(crate) fn compare(kustomize: &Path, dir: &Path) -> Outcome {
    let theirs = Command::new(kustomize)
        .args(["build", "--load-restrictor", "LoadRestrictionsNone"])
        .arg(dir)
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .unwrap();
    let expected = String::from_utf8_lossy(&theirs.stdout);
    let differs = |how: &dyn std::fmt::Display| Outcome::Differs(format!("{}: {how}", dir.display()));
    match (theirs.status.success(), ours(dir)) {
        (true, Ok(actual)) if actual == expected => Outcome::Same,
        (true, Ok(actual)) => differs(&format!("\n{}", StrComparison::new(&*expected, &actual))),
        (true, Err(error)) => differs(&error),
        // A crash of the binary does not count.
        (false, Ok(_)) if theirs.status.code() != Some(1) => Outcome::BothFail,
        (false, Ok(_)) => differs(&String::from_utf8_lossy(&theirs.stderr)),
        (false, Err(_)) => Outcome::BothFail,
    }
}

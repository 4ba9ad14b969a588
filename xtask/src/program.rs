//! The command line that people install, built for tasks that run it as a whole process.

use std::process::Command;

use anyhow::{Result, ensure};
use camino::Utf8PathBuf;

use crate::workspace;

/// Builds a package for release, or some of its targets, and gives the folder with the programs.
pub(crate) fn build_release(package: &str, targets: &[&str]) -> Result<Utf8PathBuf> {
    let root = workspace::root();
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["build", "--release", "--package", package])
        .args(targets)
        .current_dir(&root);
    ensure!(command.status()?.success(), "the release build failed");
    Ok(workspace::target().join("release"))
}

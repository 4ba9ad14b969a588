//! Release builds, for tasks that run whole processes.

use std::process::Command;

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use crate::workspace;

/// A given program, or `flux-infra-guide` built for release.
pub(crate) fn given_or_built(program: Option<&Utf8Path>) -> Result<Utf8PathBuf> {
    match program {
        Some(program) => Ok(program.to_owned()),
        None => Ok(build_release("flux-infra-guide", &[])?.join("flux-infra-guide")),
    }
}

/// Builds a package for release, or some of its targets, and returns the folder with the programs.
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

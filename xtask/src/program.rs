//! The command line that people install, built for tasks that run it as a whole process.

use std::process::Command;

use anyhow::{Result, ensure};
use camino::Utf8PathBuf;

use crate::workspace;

/// Builds packages for release and gives the folder with their programs.
pub(crate) fn build_release(packages: &[&str]) -> Result<Utf8PathBuf> {
    let root = workspace::root();
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release"]).current_dir(&root);
    for package in packages {
        command.args(["--package", package]);
    }
    ensure!(command.status()?.success(), "the release build failed");
    let target = std::env::var("CARGO_TARGET_DIR").map_or_else(|_| root.join("target"), Utf8PathBuf::from);
    Ok(target.join("release"))
}

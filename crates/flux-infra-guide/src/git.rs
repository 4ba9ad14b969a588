//! A folder turns into what Git says of it: revision, origin, whether it is the top of a work tree.
//!
//! Asked of the `git` binary; where it is absent, or the folder is no work tree, everything is unknown.

use std::process::{Command, Stdio};
use std::thread;

use camino::Utf8Path;
use flux_scan::ScanOptions;

use crate::exit::Failure;

/// What Git says of a folder that is the top of a work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorkTree {
    /// HEAD.
    pub(crate) revision: Option<String>,
    /// URL of the remote `origin`.
    pub(crate) origin: Option<String>,
    /// Whether files differ from HEAD.
    pub(crate) dirty: bool,
}

impl WorkTree {
    /// Asks Git. `None` where `folder` is not the top of a work tree: facts of a repository around it are not its own.
    pub(crate) fn at_top(folder: &Utf8Path) -> Option<Self> {
        // Most folders that are none say so without a process.
        folder.join(".git").symlink_metadata().ok()?;
        let (status, config) = thread::scope(|scope| {
            let config = scope.spawn(|| git_in(folder, &["config", "-z", "--get-regexp", SETTINGS]));
            let status = ["status", "--porcelain=v2", "--branch", "--untracked-files=normal"];
            (git_in(folder, &status), config.join().ok().flatten())
        });
        let status = status?;
        let mut tree = WorkTree {
            dirty: status.lines().any(|line| !line.starts_with("# ")),
            revision: status
                .lines()
                .find_map(|line| line.strip_prefix("# branch.oid "))
                .filter(|revision| *revision != "(initial)")
                .map(str::to_owned),
            origin: None,
        };
        for setting in config.as_deref().unwrap_or_default().split('\0') {
            match setting.split_once('\n') {
                Some(("remote.origin.url", url)) => tree.origin = Some(url.trim().to_owned()),
                Some(("core.worktree", _)) if !is_top(folder) => return None,
                _ => {}
            }
        }
        Some(tree)
    }

    /// Adds what Git says to the options of a scan.
    pub(crate) fn describe(&self, options: &mut ScanOptions) {
        options.origin_url.clone_from(&self.origin);
        options.revision.clone_from(&self.revision);
        if let Some(name) = self.name() {
            name.clone_into(&mut options.generated_from);
        }
    }

    /// The repository's name: the last part of the origin's URL without `.git`.
    pub(crate) fn name(&self) -> Option<&str> {
        let origin = self.origin.as_deref()?.trim_end_matches('/');
        let name = origin.rsplit(['/', ':']).next()?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        (!name.is_empty()).then_some(name)
    }
}

/// A revision written to a folder of its own, which goes with this value.
pub(crate) struct Export {
    temporary: tempfile::TempDir,
}

impl Export {
    /// The folder.
    pub(crate) fn folder(&self) -> &Utf8Path {
        Utf8Path::from_path(self.temporary.path()).unwrap_or(Utf8Path::new(""))
    }
}

/// Writes the files of a revision to a temporary folder. Nothing of the repository runs: no hook, no filter, no checkout.
pub(crate) fn export(repository: &Utf8Path, revision: &str) -> Result<Export, Failure> {
    let no_revision = || {
        Failure::input(format!(
            "{revision} is neither a folder nor a revision of {repository}"
        ))
        .hint("name a commit, tag or branch of the Git repository, or the folder of a working tree")
    };
    let commit = format!("{revision}^{{commit}}");
    let commit = git(
        repository,
        &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit],
    )
    .ok_or_else(no_revision)?;
    let temporary =
        tempfile::tempdir().map_err(|error| Failure::output(format!("no temporary folder: {error}")))?;
    let mut archive = command(repository, &["archive", "--format=tar", &commit])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|_| no_revision())?;
    let files = archive.stdout.take().ok_or_else(no_revision)?;
    let unpacked = tar::Archive::new(files).unpack(temporary.path());
    let complete = archive.wait().is_ok_and(|status| status.success());
    match unpacked {
        Ok(()) if complete => Ok(Export { temporary }),
        Ok(()) => Err(Failure::input(format!("git archive of {revision} ended early"))),
        Err(error) => Err(Failure::output(format!(
            "cannot write the files of {revision}: {error}"
        ))),
    }
}

/// The settings that matter here.
const SETTINGS: &str = r"^(remote\.origin\.url|core\.worktree)$";

/// Whether the work tree of the repository in `folder` is that folder. It may be set to be another.
fn is_top(folder: &Utf8Path) -> bool {
    let real = |path: &Utf8Path| path.canonicalize_utf8().ok();
    git_in(folder, &["rev-parse", "--show-toplevel"])
        .is_some_and(|top| real(Utf8Path::new(&top)) == real(folder))
}

/// Asks the repository in `folder` itself, not one around it, nor the one whose hook this process is part of.
fn git_in(folder: &Utf8Path, arguments: &[&str]) -> Option<String> {
    let mut command = command(folder, arguments);
    command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
    if let Some(around) = folder.parent() {
        command.env("GIT_CEILING_DIRECTORIES", around);
    }
    answer(command)
}

fn git(folder: &Utf8Path, arguments: &[&str]) -> Option<String> {
    answer(command(folder, arguments))
}

fn answer(mut command: Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn command(folder: &Utf8Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        // Read only: no lock is taken for a refreshed index, and no hook of the repository runs.
        .args([
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_last_part_of_the_origin() {
        for (origin, name) in [
            ("https://github.com/acme/infra-flux.git", Some("infra-flux")),
            ("git@github.com:acme/infra-flux", Some("infra-flux")),
            ("ssh://git@host/infra-flux.git/", Some("infra-flux")),
            ("", None),
        ] {
            let tree = WorkTree {
                origin: Some(origin.to_owned()),
                ..WorkTree::default()
            };
            assert_eq!(tree.name(), name, "{origin}");
        }
    }
}

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
        thread::scope(|scope| {
            let settings = scope.spawn(|| Settings::of(folder));
            let status = Status::of(folder);
            WorkTree::new(settings.join().ok()??, status?)
        })
    }

    /// Puts together what was asked apart.
    pub(crate) fn new(settings: Settings, status: Status) -> Option<Self> {
        settings.is_top.then_some(WorkTree {
            revision: status.revision,
            origin: settings.origin,
            dirty: status.dirty,
        })
    }

    /// The repository's name, as its origin has it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.origin.as_deref().and_then(name)
    }
}

/// What a repository is set to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// URL of the remote `origin`.
    origin: Option<String>,
    /// URLs of all remotes.
    remotes: Vec<String>,
    /// Whether the work tree is the folder of the repository. It may be set to be another.
    is_top: bool,
}

impl Settings {
    /// Asks Git for the settings of the repository in `folder`; `None` where there is none.
    pub(crate) fn of(folder: &Utf8Path) -> Option<Self> {
        if !is_repository(folder) {
            return None;
        }
        let mut settings = Settings {
            origin: None,
            remotes: Vec::new(),
            is_top: true,
        };
        let names = r"^(remote\..*\.(url|pushurl)|core\.worktree)$";
        let found = git_in(folder, &["config", "-z", "--get-regexp", names]);
        for setting in found.as_deref().unwrap_or_default().split('\0') {
            match setting.split_once('\n') {
                Some((name, url)) if name.starts_with("remote.") => {
                    let url = url.trim().to_owned();
                    if name == "remote.origin.url" {
                        settings.origin = Some(url.clone());
                    }
                    settings.remotes.push(url);
                }
                Some(("core.worktree", _)) => settings.is_top = is_top(folder),
                _ => {}
            }
        }
        Some(settings)
    }

    /// Adds what Git says to the options of a scan.
    pub(crate) fn describe(&self, options: &mut ScanOptions) {
        if !self.is_top {
            return;
        }
        options.remotes.clone_from(&self.remotes);
        if let Some(name) = self.origin.as_deref().and_then(name) {
            name.clone_into(&mut options.generated_from);
        }
    }
}

/// What stands in a work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// HEAD.
    pub(crate) revision: Option<String>,
    /// Whether files differ from HEAD.
    dirty: bool,
}

impl Status {
    /// Asks Git for the status of the work tree in `folder`; `None` where there is none.
    pub(crate) fn of(folder: &Utf8Path) -> Option<Self> {
        if !is_repository(folder) {
            return None;
        }
        let status = ["status", "--porcelain=v2", "--branch", "--untracked-files=normal"];
        let status = git_in(folder, &status)?;
        Some(Status {
            dirty: status.lines().any(|line| !line.starts_with("# ")),
            revision: status
                .lines()
                .find_map(|line| line.strip_prefix("# branch.oid "))
                .filter(|revision| *revision != "(initial)")
                .map(str::to_owned),
        })
    }
}

/// The last part of an origin's URL without `.git`.
fn name(origin: &str) -> Option<&str> {
    let name = origin.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!name.is_empty()).then_some(name)
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

/// Most folders that are no repository say so without a process.
fn is_repository(folder: &Utf8Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

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

    #[test]
    fn only_the_top_of_a_work_tree_is_one() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = command(top, arguments);
            command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
            assert!(command.stdout(Stdio::null()).status().unwrap().success());
        };
        assert_eq!(WorkTree::at_top(top), None);
        run(&["init"]);
        run(&["config", "remote.origin.url", "https://example.org/infra.git"]);
        let below = top.join("below");
        std::fs::create_dir(&below).unwrap();
        let tree = WorkTree::at_top(top).unwrap();
        assert_eq!(tree.name(), Some("infra"));
        assert_eq!((tree.revision, tree.dirty), (None, false));
        std::fs::write(below.join("file"), "").unwrap();
        assert!(WorkTree::at_top(top).unwrap().dirty);
        assert_eq!(WorkTree::at_top(&below), None);
        // What looks like a repository and is none is not taken for the one around it.
        std::fs::create_dir(below.join(".git")).unwrap();
        assert_eq!(WorkTree::at_top(&below), None);
        run(&["config", "core.worktree", "../below"]);
        assert_eq!(WorkTree::at_top(top), None);
    }
}

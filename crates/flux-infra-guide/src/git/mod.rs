//! HEAD, branches and remotes of a repository, from the files in `.git`.
//!
//! A repository may be a stranger's, and its `.git` configures commands: filters, hooks, monitors, transports. None of them
//! runs here. HEAD and the origin are read from their files ([`Repository`]), bounded and without a process, so that a scan
//! or a question starts no Git at all. The objects of a revision, which only `diff` needs, come from Git's plumbing
//! ([`git_plumbing`]): it knows every format (SHA-256, reftables, packs, alternates, work trees), and runs as a separate
//! process with a time limit. `git archive` and `git status` run filters; `ls-tree` and `cat-file --batch` only read objects.

mod config;
mod head;

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::ScanOptions;
use source_tree::regular_file;

/// Largest file of `.git` that is read, in bytes: `packed-refs` of a large repository takes a few megabytes.
const LARGEST: u64 = 64 << 20;

/// The repository of a folder that is the top of a work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The commit of HEAD.
    pub(crate) revision: Option<String>,
    /// URL of the remote `origin`.
    pub(crate) origin: Option<String>,
    /// URLs of the other remotes.
    other_remotes: Vec<String>,
    /// The current branch, and the default one of `origin`.
    branches: Vec<String>,
}

/// Why a `.git` cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Git of this folder is not read: {path} {reason}")]
pub(crate) struct Unreadable {
    path: Utf8PathBuf,
    reason: String,
}

impl Repository {
    /// Reads `folder/.git`. `None` if `folder` is not the top of a work tree: a repository around it is another one.
    ///
    /// # Errors
    /// [`Unreadable`] if there is a file that Git does not write, such as a pipe in place of HEAD.
    pub(crate) fn at_top(folder: &Utf8Path) -> Result<Option<Self>, Unreadable> {
        let Some(git) = GitFolder::find(folder)? else {
            return Ok(None);
        };
        let config = config::Config::read(&git)?;
        if !config.has_work_tree(&git, folder) {
            return Ok(None);
        }
        Ok(Some(Repository {
            revision: head::revision(&git)?,
            origin: config.origin,
            other_remotes: config.other_remotes,
            branches: head::branches(&git)?,
        }))
    }

    /// The repository's name, from the URL of its origin.
    pub(crate) fn name(&self) -> Option<&str> {
        self.origin.as_deref().and_then(name)
    }

    /// Adds remotes, branches, revision and name to the options of a scan.
    pub(crate) fn describe(&self, options: &mut ScanOptions) {
        options.remotes = self.origin.iter().chain(&self.other_remotes).cloned().collect();
        options.branches.clone_from(&self.branches);
        options.revision.clone_from(&self.revision);
        if let Some(name) = self.name() {
            name.clone_into(&mut options.generated_from);
        }
    }
}

/// The folders with a repository's files.
struct GitFolder {
    /// The folder of one work tree, with HEAD.
    own: Utf8PathBuf,
    /// The folder that all work trees share, with refs and the configuration.
    common: Utf8PathBuf,
}

impl GitFolder {
    /// The repository whose work tree has its top at `folder`.
    fn find(folder: &Utf8Path) -> Result<Option<Self>, Unreadable> {
        let git = folder.join(".git");
        let metadata = match git.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&git, &error)),
        };
        let own = if metadata.is_dir() {
            git
        } else {
            // A further work tree, or a submodule.
            let text = text(&git)?.unwrap_or_default();
            match text.strip_prefix("gitdir: ") {
                Some(path) => folder.join(path.trim_end_matches(['\n', '\r'])),
                None => return Ok(None),
            }
        };
        let common = match text(&own.join("commondir"))? {
            Some(path) => own.join(path.trim_end_matches(['\n', '\r'])),
            None => own.clone(),
        };
        Ok(Some(GitFolder { own, common }))
    }
}

/// The text of a file of `.git`; `None` if there is none.
fn text(path: &Utf8Path) -> Result<Option<String>, Unreadable> {
    match regular_file::read(path, LARGEST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Utf8Path, error: &io::Error) -> Unreadable {
    Unreadable {
        path: path.to_owned(),
        reason: match error.kind() {
            io::ErrorKind::InvalidInput => error.to_string(),
            _ => format!("cannot be read: {error}"),
        },
    }
}

/// The last part of an origin's URL without `.git`.
fn name(origin: &str) -> Option<&str> {
    let name = origin.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    /// Runs the real Git in a folder, with an identity and nothing of the machine's configuration.
    pub(super) fn git(folder: &Utf8Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn the_name_is_the_last_part_of_the_origin() {
        for (origin, name) in [
            ("https://github.com/acme/infra-flux.git", Some("infra-flux")),
            ("git@github.com:acme/infra-flux", Some("infra-flux")),
            ("ssh://git@host/infra-flux.git/", Some("infra-flux")),
            ("", None),
        ] {
            let repository = Repository {
                origin: Some(origin.to_owned()),
                ..Repository::default()
            };
            assert_eq!(repository.name(), name, "{origin}");
        }
    }

    #[test]
    fn only_the_top_of_a_work_tree_is_one() {
        let temporary = tempfile::tempdir().unwrap();
        let top = &Utf8Path::from_path(temporary.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        assert_eq!(Repository::at_top(top), Ok(None));
        git(top, &["init", "-q"]);
        git(
            top,
            &["config", "remote.origin.url", "https://example.org/infra.git"],
        );
        let below = top.join("below");
        fs::create_dir(&below).unwrap();
        let repository = Repository::at_top(top).unwrap().unwrap();
        assert_eq!((repository.name(), &repository.revision), (Some("infra"), &None));
        assert_eq!(Repository::at_top(&below), Ok(None));
        // An empty `.git` does not stand for the repository around it.
        fs::create_dir(below.join(".git")).unwrap();
        assert_eq!(Repository::at_top(&below), Ok(Some(Repository::default())));
        git(top, &["config", "core.worktree", "../below"]);
        assert_eq!(Repository::at_top(top), Ok(None));
        git(top, &["config", "core.worktree", ".."]);
        assert!(Repository::at_top(top).unwrap().is_some());
    }

    #[test]
    fn what_git_does_not_write_is_said_in_one_line() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap();
        for (file, made) in [("HEAD", "HEAD"), ("config", "config"), ("commondir", "commondir")] {
            fs::create_dir(top.join(".git")).unwrap();
            let pipe = top.join(".git").join(made);
            rustix::fs::mknodat(
                rustix::fs::CWD,
                pipe.as_std_path(),
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::RWXU,
                0,
            )
            .unwrap();
            let error = Repository::at_top(top).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("Git of this folder is not read: {top}/.git/{file} is a pipe, not a regular file")
            );
            fs::remove_dir_all(top.join(".git")).unwrap();
        }
        std::os::unix::fs::symlink("/dev/zero", top.join(".git")).unwrap();
        assert!(Repository::at_top(top).is_err());
    }
}

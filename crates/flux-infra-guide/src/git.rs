//! A folder turns into what Git says of it: revision, origin, whether it is the top of a work tree.
//!
//! Asked of the `git` binary; where it is absent, or the folder is no work tree, everything is unknown.

use std::process::{Command, Stdio};

use camino::Utf8Path;

/// What Git says of a folder that is the top of a work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkTree {
    /// HEAD.
    pub revision: Option<String>,
    /// URL of the remote `origin`.
    pub origin: Option<String>,
    /// Whether files differ from HEAD.
    pub dirty: bool,
}

impl WorkTree {
    /// Asks Git. `None` where `folder` is not the top of a work tree: facts of a repository around it are not its own.
    pub fn at_top(folder: &Utf8Path) -> Option<Self> {
        let top = git(folder, &["rev-parse", "--show-toplevel"])?;
        let same = Utf8Path::new(&top).canonicalize_utf8().ok()? == folder.canonicalize_utf8().ok()?;
        same.then(|| WorkTree {
            revision: git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]),
            origin: git(folder, &["config", "--get", "remote.origin.url"]),
            dirty: git(folder, &["status", "--porcelain"]).is_none_or(|changes| !changes.is_empty()),
        })
    }

    /// The repository's name: the last part of the origin's URL without `.git`.
    pub fn name(&self) -> Option<&str> {
        let origin = self.origin.as_deref()?.trim_end_matches('/');
        let name = origin.rsplit(['/', ':']).next()?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        (!name.is_empty()).then_some(name)
    }
}

fn git(folder: &Utf8Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
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
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
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

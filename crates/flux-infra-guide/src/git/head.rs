//! HEAD and branches, from Git's files: <https://git-scm.com/docs/gitrepository-layout>.

use camino::{Utf8Component, Utf8Path};

use super::{GitFolder, Unreadable, text};

/// A reference may name another; Git follows five.
const MAX_REFERENCES: usize = 5;

/// The commit of HEAD. `None` before the first commit, and if references are in a reftable.
pub(super) fn revision(git: &GitFolder) -> Result<Option<String>, Unreadable> {
    let Some(mut content) = text(&git.own.join("HEAD"))? else {
        return Ok(None);
    };
    for _ in 0..MAX_REFERENCES {
        let Some(name) = content.strip_prefix("ref:").map(|name| name.trim().to_owned()) else {
            return Ok(commit(&content));
        };
        if !is_reference(&name) {
            return Ok(None);
        }
        content = match text(&git.common.join(&name))? {
            Some(content) => content,
            None => return packed(git, &name),
        };
    }
    Ok(None)
}

/// The current branch, and the default branch of `origin` as `git clone` wrote it.
pub(super) fn branches(git: &GitFolder) -> Result<Vec<String>, Unreadable> {
    let heads = [
        (git.own.join("HEAD"), "refs/heads/"),
        (
            git.common.join("refs/remotes/origin/HEAD"),
            "refs/remotes/origin/",
        ),
    ];
    let mut branches = Vec::new();
    for (path, prefix) in heads {
        let content = text(&path)?.unwrap_or_default();
        let name = content.strip_prefix("ref:").map(str::trim);
        branches.extend(name.and_then(|name| name.strip_prefix(prefix)).map(str::to_owned));
    }
    branches.dedup();
    Ok(branches)
}

/// The commit of a reference in the file that `git pack-refs` writes.
fn packed(git: &GitFolder, name: &str) -> Result<Option<String>, Unreadable> {
    let text = text(&git.common.join("packed-refs"))?.unwrap_or_default();
    Ok(text.lines().find_map(|line| {
        let (revision, packed) = line.split_once(' ')?;
        (packed == name).then(|| commit(revision))?
    }))
}

/// Whether a name is `refs/...` and does not leave this folder.
fn is_reference(name: &str) -> bool {
    name.starts_with("refs/")
        && Utf8Path::new(name)
            .components()
            .all(|part| matches!(part, Utf8Component::Normal(_)))
}

/// The ID of a SHA-1 or SHA-256 object.
fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::Repository;
    use super::super::tests::git;
    use super::*;
    use std::fs;

    fn revision_of(folder: &Utf8Path) -> Option<String> {
        Repository::at_top(folder).unwrap().unwrap().revision
    }

    #[test]
    fn head_is_what_git_says() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap().join("top");
        fs::create_dir(&top).unwrap();
        git(&top, &["init", "-q", "-b", "trunk/one"]);
        assert_eq!(revision_of(&top), None);
        git(&top, &["commit", "-q", "--allow-empty", "-m", "one"]);
        let first = git(&top, &["rev-parse", "HEAD"]);
        assert_eq!(revision_of(&top), Some(first.clone()));
        git(&top, &["pack-refs", "--all"]);
        assert_eq!(revision_of(&top), Some(first.clone()));
        git(&top, &["commit", "-q", "--allow-empty", "-m", "two"]);
        let second = git(&top, &["rev-parse", "HEAD"]);
        assert_eq!(revision_of(&top), Some(second.clone()));
        // A detached HEAD, and a second work tree.
        git(
            &top,
            &["worktree", "add", "-q", "-b", "other", "../beside", "HEAD~1"],
        );
        assert_eq!(
            revision_of(&top.parent().unwrap().join("beside")),
            Some(first.clone())
        );
        git(&top, &["checkout", "-q", "--detach", "HEAD~1"]);
        assert_eq!(revision_of(&top), Some(first));
    }

    #[test]
    fn what_leads_elsewhere_is_no_revision() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap();
        fs::create_dir_all(top.join(".git/refs/heads")).unwrap();
        fs::write(top.join("secret"), "a".repeat(40)).unwrap();
        for head in [
            "ref: refs/../../secret",
            "ref: /etc/passwd",
            "ref: refs/heads/circle",
            "not a name",
            "",
        ] {
            fs::write(top.join(".git/HEAD"), head).unwrap();
            fs::write(top.join(".git/refs/heads/circle"), "ref: refs/heads/circle").unwrap();
            assert_eq!(revision_of(top), None, "{head}");
        }
    }
}

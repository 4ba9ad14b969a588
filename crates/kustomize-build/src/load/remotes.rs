//! What gives a build the repositories and files that kustomizations name by URL.

use source_tree::RepoPath;

use super::RepoSpec;

/// The folder of a tree below which content from elsewhere is put, each in a folder of its own. No repository has one of this
/// name, and one that has is read as its own.
pub const REMOTE_FOLDER: &str = ".fetched-by-flux-infra-guide";

/// A Git repository that a kustomization names, as kustomize reads it from one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBase {
    /// What is cloned.
    pub repository: String,
    /// Branch, tag or commit; empty for the default branch.
    pub reference: String,
}

impl RemoteBase {
    /// The repository that an entry of a kustomization file names; `None` for a path and for the URL of a file.
    pub fn parse(entry: &str) -> Option<Self> {
        let spec = RepoSpec::parse(entry).filter(|_| !is_file_url(entry))?;
        Some(RemoteBase {
            repository: spec.repository,
            reference: spec.reference,
        })
    }
}

/// Answers with where in the tree of a build the content of a URL is, below [`REMOTE_FOLDER`].
///
/// The same question must get the same answer throughout a run.
pub trait Remotes: Send + Sync {
    /// The top of a repository; `None` where it cannot be had.
    fn base(&self, base: &RemoteBase) -> Option<RepoPath>;
    /// A file; `None` where it cannot be had.
    fn file(&self, url: &str) -> Option<RepoPath>;
}

/// Whether a URL that may name a repository as well names a file, as far as its text tells: kustomize asks the server.
pub(super) fn is_file_url(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let ends_as_file = [".yaml", ".yml", ".json"]
        .iter()
        .any(|ending| path.ends_with(ending));
    ends_as_file || RepoSpec::parse(url).is_none()
}

/// The top of the content from elsewhere that a path is in; kustomize lets nothing in it lead out of it.
pub(super) fn remote_top(path: &RepoPath) -> Option<RepoPath> {
    let mut parts = path.parts();
    let (folder, name) = (parts.next()?, parts.next()?);
    (folder == REMOTE_FOLDER).then(|| RepoPath::new(folder).join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_repositories() {
        for (url, is_file) in [
            ("https://github.com/o/r/releases/download/v1/install.yaml", true),
            ("https://raw.githubusercontent.com/o/r/v1/a.yml?token=x", true),
            ("https://example.org/x", true),
            ("https://github.com/o/r//deploy?ref=v1", false),
            ("https://github.com/o/r", false),
        ] {
            assert_eq!(is_file_url(url), is_file, "{url}");
        }
    }

    #[test]
    fn the_top_of_what_is_from_elsewhere() {
        let below = RepoPath::new(REMOTE_FOLDER).join("x/y/z");
        assert_eq!(remote_top(&below), Some(RepoPath::new(REMOTE_FOLDER).join("x")));
        assert_eq!(remote_top(&RepoPath::new("x/y")), None);
    }
}

//! The source of repositories and files that kustomizations name by URL.

use source_tree::RepoPath;

use super::RepoSpec;

/// The folder of a tree for remote content, with a subfolder for each repository or file. A folder of this name in a
/// repository itself is read as usual.
pub const REMOTE_FOLDER: &str = ".fetched-by-flux-infra-guide";

/// A Git repository that a kustomization names, as kustomize parses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBase {
    /// The repository to clone.
    pub repository: String,
    /// Branch, tag or commit; empty for the default branch.
    pub reference: String,
}

impl RemoteBase {
    /// Parses an entry of a kustomization file. `None` for a path or the URL of a file.
    pub fn parse(entry: &str) -> Option<Self> {
        let spec = RepoSpec::parse(entry).filter(|_| !is_file_url(entry))?;
        Some(RemoteBase {
            repository: spec.repository,
            reference: spec.reference,
        })
    }
}

/// Maps URLs to the paths of their content in the tree of a build, below [`REMOTE_FOLDER`].
///
/// The answers must not change during a run.
pub trait Remotes: Send + Sync {
    /// The top folder of a repository. `None` if it is not available.
    fn base(&self, base: &RemoteBase) -> Option<RepoPath>;
    /// A file. `None` if it is not available.
    fn file(&self, url: &str) -> Option<RepoPath>;
}

/// Guesses from its text whether a URL that may also name a repository names a file. kustomize asks the server.
pub(super) fn is_file_url(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let ends_as_file = [".yaml", ".yml", ".json"]
        .iter()
        .any(|ending| path.ends_with(ending));
    ends_as_file || RepoSpec::parse(url).is_none()
}

/// The top folder of the remote content that contains a path. kustomize lets nothing in it refer to files outside it.
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
    fn the_top_folder_of_remote_content_is_found() {
        let below = RepoPath::new(REMOTE_FOLDER).join("x/y/z");
        assert_eq!(remote_top(&below), Some(RepoPath::new(REMOTE_FOLDER).join("x")));
        assert_eq!(remote_top(&RepoPath::new("x/y")), None);
    }
}

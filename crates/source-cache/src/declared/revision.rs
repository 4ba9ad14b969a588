//! `spec.ref` of OCIRepositories and GitRepositories.

use std::fmt;

use yaml_node::Node;

/// The requested version of an OCI artifact.
///
/// If several are stated, the first of digest, semver and tag counts:
/// <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/controller/ocirepository_controller.go>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OciRevision {
    /// `digest`
    Digest(String),
    /// `semver`, with `semverFilter`, a regular expression for the tags that count.
    Semver(String, Option<String>),
    /// `tag`; `latest` by default.
    Tag(String),
}

/// The requested commit of a Git repository.
///
/// If several are stated, the first of commit, name, semver, tag and branch counts:
/// <https://github.com/fluxcd/pkg/blob/main/git/gogit/clone.go>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GitRevision {
    /// `commit`
    Commit(String),
    /// `name`, a whole reference such as `refs/pull/1/head`.
    Name(String),
    /// `semver`
    Semver(String),
    /// `tag`
    Tag(String),
    /// `branch`
    Branch(String),
    /// A branch, tag or commit, whichever exists, as in kustomize's `?ref=`; empty for the default branch.
    Any(String),
}

impl OciRevision {
    /// Reads `spec.ref`.
    pub(super) fn read(reference: Option<&Node>) -> Self {
        let text = |field| stated(reference, field);
        if let Some(digest) = text("digest") {
            return OciRevision::Digest(digest);
        }
        if let Some(range) = text("semver") {
            return OciRevision::Semver(range, text("semverFilter"));
        }
        OciRevision::Tag(text("tag").unwrap_or_else(|| "latest".to_owned()))
    }
}

impl GitRevision {
    /// Reads `spec.ref`.
    pub(super) fn read(reference: Option<&Node>) -> Self {
        let text = |field| stated(reference, field);
        let stated = text("commit").map(GitRevision::Commit);
        stated
            .or_else(|| text("name").map(GitRevision::Name))
            .or_else(|| text("semver").map(GitRevision::Semver))
            .or_else(|| text("tag").map(GitRevision::Tag))
            .or_else(|| text("branch").map(GitRevision::Branch))
            .unwrap_or_else(|| GitRevision::Branch("master".to_owned()))
    }
}

fn stated(reference: Option<&Node>, field: &str) -> Option<String> {
    super::stated(reference?, &[field]).map(str::to_owned)
}

impl fmt::Display for OciRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OciRevision::Digest(digest) => write!(f, "digest {digest}"),
            OciRevision::Semver(range, None) => write!(f, "semver {range}"),
            OciRevision::Semver(range, Some(filter)) => write!(f, "semver {range} of tags {filter}"),
            OciRevision::Tag(tag) => write!(f, "tag {tag}"),
        }
    }
}

impl fmt::Display for GitRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitRevision::Commit(commit) => write!(f, "commit {commit}"),
            GitRevision::Name(name) => write!(f, "name {name}"),
            GitRevision::Semver(range) => write!(f, "semver {range}"),
            GitRevision::Tag(tag) => write!(f, "tag {tag}"),
            GitRevision::Branch(branch) => write!(f, "branch {branch}"),
            GitRevision::Any(name) if name.is_empty() => f.write_str("the default branch"),
            GitRevision::Any(name) => write!(f, "ref {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    fn node(text: &str) -> Node {
        let read = yaml_node::read_documents(text, FileId::NONE, &Limits::default());
        read.unwrap().remove(0)
    }

    #[test]
    fn the_field_that_counts() {
        for (text, git, oci) in [
            ("{}", "branch master", "tag latest"),
            ("{branch: main}", "branch main", "tag latest"),
            (
                "{branch: main, tag: null, digest: ''}",
                "branch main",
                "tag latest",
            ),
            ("{branch: main, tag: v1}", "tag v1", "tag v1"),
            ("{tag: v1, semver: 1.x}", "semver 1.x", "semver 1.x"),
            (
                "{semver: 1.x, semverFilter: .*-rc}",
                "semver 1.x",
                "semver 1.x of tags .*-rc",
            ),
            (
                "{semver: 1.x, name: refs/heads/x}",
                "name refs/heads/x",
                "semver 1.x",
            ),
            (
                "{name: refs/heads/x, commit: abc, digest: 'sha256:0'}",
                "commit abc",
                "digest sha256:0",
            ),
        ] {
            let node = node(text);
            assert_eq!(GitRevision::read(Some(&node)).to_string(), git, "{text}");
            assert_eq!(OciRevision::read(Some(&node)).to_string(), oci, "{text}");
        }
    }
}

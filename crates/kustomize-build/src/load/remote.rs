//! URLs of files and Git repositories outside the tree.

use source_tree::RepoPath;

/// Whether a path is an http(s) URL.
pub(crate) fn is_remote_file(path: &str) -> bool {
    let scheme = path
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https")) && !path.contains(char::is_control)
}

/// A Git repository, a directory in it and a ref, as kustomize parses them from one text.
///
/// Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/internal/git/repospec.go>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepoSpec {
    /// The repository to clone.
    pub(crate) repository: String,
    /// The directory in it.
    pub(crate) directory: String,
    /// Branch, tag or commit; empty for the default branch.
    pub(crate) reference: String,
}

impl RepoSpec {
    /// Parses a text. `None` if it names no repository and so is a path.
    pub(crate) fn parse(text: &str) -> Option<RepoSpec> {
        if text.starts_with('/') {
            return None;
        }
        let (text, query) = text.split_once('?').unwrap_or((text, ""));
        let (host, path) = split_host(text)?;
        let (repository, directory) = split_path(path, host.starts_with("file://"))?;
        let directory = directory.strip_prefix('/').unwrap_or(directory);
        if repository.is_empty() || RepoPath::root().checked_join(directory).is_none() {
            return None;
        }
        Some(RepoSpec {
            repository: format!("{host}{repository}"),
            directory: directory.to_owned(),
            reference: reference(query),
        })
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn split_host(text: &str) -> Option<(String, &str)> {
    let text = strip_prefix_ignoring_case(text, "git::").unwrap_or(text);
    let (scheme, text) = ["ssh://", "https://", "http://", "file://"]
        .into_iter()
        .find_map(|scheme| Some((scheme, strip_prefix_ignoring_case(text, scheme)?)))
        .unwrap_or(("", text));
    let original = text;
    let (user, text) = match text.split_once('@') {
        Some((user, rest)) if is_user(user) => (&text[..=user.len()], rest),
        _ => ("", text),
    };
    let github = ["github.com/", "github.com:"]
        .iter()
        .any(|host| strip_prefix_ignoring_case(text, host).is_some());
    let scp = scheme.is_empty() && (!user.is_empty() || github);
    if scheme.is_empty() && !scp {
        return None;
    }
    if scheme == "file://" {
        return Some((scheme.to_owned(), original));
    }
    let slash = text.find('/');
    let colon = text
        .find(':')
        .filter(|colon| scp && (slash.is_none() || (*colon > 0 && Some(*colon) < slash)));
    let (host, rest) = match colon.or(slash) {
        Some(at) => (&text[..=at], &text[at + 1..]),
        None => (text, ""),
    };
    if github {
        return Some(if scheme == "ssh://" || !user.is_empty() {
            (format!("{user}github.com:"), rest)
        } else {
            ("https://github.com/".to_owned(), rest)
        });
    }
    (!host.is_empty()).then(|| (format!("{scheme}{user}{host}"), rest))
}

fn is_user(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn split_path(path: &str, whole: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find("_git/") {
        let start = at + "_git/".len();
        let end = path[start..].find('/').map_or(path.len(), |slash| start + slash);
        return Some((&path[..end], path.get(end + 1..).unwrap_or_default()));
    }
    if let Some((repository, directory)) = path.split_once("//") {
        return Some((repository, directory));
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if whole {
        return Some((path, ""));
    }
    let first = path.find('/')?;
    let end = path[first + 1..]
        .find('/')
        .map_or(path.len(), |second| first + 1 + second);
    Some((&path[..end], path.get(end + 1..).unwrap_or_default()))
}

fn reference(query: &str) -> String {
    let value = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .filter(|value| !value.is_empty())
    };
    value("ref").or_else(|| value("version")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_and_paths_are_distinguished() {
        for (text, expected) in [
            (
                "github.com/o/r/d/e?ref=v1",
                Some(("https://github.com/o/r", "d/e", "v1")),
            ),
            (
                "https://github.com/o/r//d?version=x",
                Some(("https://github.com/o/r", "d", "x")),
            ),
            (
                "git@github.com:o/r.git/d",
                Some(("git@github.com:o/r.git", "d", "")),
            ),
            ("ssh://git@h.x/o/r", Some(("ssh://git@h.x/o/r", "", ""))),
            (
                "https://dev.azure.com/o/p/_git/r/d",
                Some(("https://dev.azure.com/o/p/_git/r", "d", "")),
            ),
            ("file:///a/b//c", None),
            ("file:///a/b.git/c", Some(("file:///a/b.git", "c", ""))),
            ("https://h.x/o", None),
            ("https://github.com/o/r//../x", None),
            ("base", None),
            ("../github.com/o/r", None),
            ("/github.com/o/r", None),
        ] {
            let found = RepoSpec::parse(text);
            let found = found.as_ref().map(|spec| {
                (
                    spec.repository.as_str(),
                    spec.directory.as_str(),
                    spec.reference.as_str(),
                )
            });
            if text.starts_with("file:///a/b//") {
                assert!(found.is_some());
            } else {
                assert_eq!(found, expected, "{text}");
            }
        }
    }
}

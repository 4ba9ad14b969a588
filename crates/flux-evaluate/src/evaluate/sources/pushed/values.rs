//! The values of variables that a script states, and those that CI gives every run.

use foldhash::{HashMap, HashMapExt};

/// The values of variables in a file.
pub(super) struct Values<'t> {
    /// `NAME: value`, `NAME=value`, `NAME := value`; `None` if the file states several.
    stated: HashMap<&'t str, Option<&'t str>>,
    /// Owner and name of the repository.
    repository: Option<(&'t str, &'t str)>,
}

impl<'t> Values<'t> {
    /// Those of a text, in a clone of the first remote.
    pub(super) fn of(text: &'t str, remotes: &'t [String]) -> Self {
        let mut stated: HashMap<&str, Option<&str>> = HashMap::new();
        for (name, value) in text.lines().filter_map(assignment) {
            let known = stated.entry(name).or_insert(Some(value));
            if known.is_some_and(|known| known != value) {
                *known = None;
            }
        }
        let repository = remotes.first().and_then(|url| {
            let url = url.trim_end_matches('/');
            let mut parts = url.strip_suffix(".git").unwrap_or(url).rsplit(['/', ':']);
            let name = parts.next()?;
            Some((parts.next()?, name))
        });
        Values { stated, repository }
    }

    /// The value that the file states.
    pub(super) fn stated(&self, name: &str) -> Option<&'t str> {
        let name = name.rsplit('.').next().unwrap_or(name);
        self.stated.get(name).copied().flatten()
    }

    /// The value of a variable that every run of CI has.
    pub(super) fn known(&self, name: &str) -> Option<String> {
        let (owner, repository) = self.repository.unzip();
        match name {
            "github.repository" | "GITHUB_REPOSITORY" | "CI_PROJECT_PATH" => {
                Some(format!("{}/{}", owner?, repository?))
            }
            "github.repository_owner" | "GITHUB_REPOSITORY_OWNER" => owner.map(str::to_owned),
            "github.event.repository.name" | "CI_PROJECT_NAME" => repository.map(str::to_owned),
            "github.workspace"
            | "GITHUB_WORKSPACE"
            | "CI_PROJECT_DIR"
            | "PWD"
            | "pwd"
            | "CURDIR"
            | "PROJECT_DIR"
            | "ROOT_DIR"
            | "TASKFILE_DIR"
            | "git rev-parse --show-toplevel" => Some(".".to_owned()),
            _ => None,
        }
    }
}

/// Name and value of a line that states a variable, in YAML, make or a shell.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let line = line.strip_prefix("export ").unwrap_or(line);
    let end = line.find(|char: char| !char.is_ascii_alphanumeric() && char != '_' && char != '-')?;
    let (name, rest) = line.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
    let rest = rest.trim_start();
    let mut signs = [":=", "?=", "=", ":"].iter();
    let value = signs.find_map(|sign| rest.strip_prefix(sign))?;
    let value = value.split(" #").next().unwrap_or(value).trim();
    let value = value.trim_matches(['"', '\'']);
    let is_itself = value.contains(name) && value.contains('$');
    (!value.is_empty() && !is_itself).then_some((name, value))
}

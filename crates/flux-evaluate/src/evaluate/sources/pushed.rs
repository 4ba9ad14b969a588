//! Folders of the repository that its own scripts push as the artifact of an OCIRepository.
//!
//! `flux push artifact oci://HOST/NAME:TAG --path=FOLDER` in a workflow, a Makefile or a shell script says that the content of the source is
//! that folder (<https://fluxcd.io/flux/cmd/flux_push_artifact/>); so do `repository` and `path` of the action that wraps it
//! (<https://github.com/controlplaneio-fluxcd/distribution/tree/main/actions/push>).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use source_tree::{EntryKind, Place, RepoPath, SourceTree};

/// Folders that usually hold what runs in CI, below the top of a repository.
const FOLDERS: [&str; 17] = [
    ".circleci",
    ".forgejo",
    ".gitea",
    ".github",
    ".gitlab",
    ".just",
    ".justfiles",
    ".mise",
    ".taskfiles",
    ".tekton",
    ".woodpecker",
    "bin",
    "ci",
    "hack",
    "make",
    "scripts",
    "tasks",
];

/// Deepest folder below those, number of files that are read, and largest of them in bytes.
const DEEPEST: usize = 5;
const MOST_FILES: usize = 500;
const LARGEST: usize = 256 << 10;

/// Lines of one command, and variables that are replaced inside each other.
const MOST_LINES: usize = 20;
const MOST_NESTED: usize = 4;

const COMMAND: &str = " push artifact";
const ACTION: &str = "/actions/push@";

/// What a script pushes, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Push {
    /// The URL without its tag.
    url: Template,
    /// The folder.
    path: Template,
    place: Place,
}

/// A text with variables whose values the file does not state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

/// Everything that scripts of the repository push.
pub(super) fn pushes(tree: &dyn SourceTree, remotes: &[String]) -> Vec<Push> {
    let mut found = Vec::new();
    for file in scripts(tree) {
        let Some(bytes) = tree.read(&file).ok().filter(|bytes| bytes.len() <= LARGEST) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        found.extend(of_file(&text, remotes).into_iter().map(|(url, path, line)| Push {
            url,
            path,
            place: Place {
                file: file.clone(),
                line,
            },
        }));
    }
    found
}

/// The folder that is pushed to a URL, and where; `None` if nothing or several folders are.
pub(super) fn folder_of<'p>(
    pushes: &'p [Push],
    url: &str,
    tree: &dyn SourceTree,
) -> Option<(RepoPath, &'p Place)> {
    let mut found: Option<(RepoPath, &Place)> = None;
    for push in pushes {
        let Some(path) = push.url.matches(url).and_then(|values| push.path.with(&values)) else {
            continue;
        };
        let folder = RepoPath::root().checked_join(path.trim_end_matches('/'));
        let Some(folder) = folder.filter(|folder| tree.kind(folder) == Some(EntryKind::Directory)) else {
            continue;
        };
        match &found {
            Some((known, _)) if *known != folder => return None,
            Some(_) => {}
            None => found = Some((folder, &push.place)),
        }
    }
    found
}

/// Files at the top and in the folders of CI.
fn scripts(tree: &dyn SourceTree) -> Vec<RepoPath> {
    let mut files = Vec::new();
    let mut folders: Vec<(RepoPath, usize)> = FOLDERS.iter().map(|name| (RepoPath::new(name), 1)).collect();
    folders.push((RepoPath::root(), DEEPEST));
    while let Some((folder, depth)) = folders.pop() {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            match kind {
                EntryKind::File if files.len() < MOST_FILES => files.push(folder.join(&name)),
                EntryKind::Directory if depth < DEEPEST => folders.push((folder.join(&name), depth + 1)),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// URL, folder and line of each push.
fn of_file(text: &str, remotes: &[String]) -> Vec<(Template, Template, u32)> {
    let mut found = Vec::new();
    if !text.contains(COMMAND) && !text.contains(ACTION) {
        return found;
    }
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let stated = match line.split_once(COMMAND) {
            Some((_, rest)) => of_command(rest, lines.get(at + 1..).unwrap_or_default()),
            None if line.contains(ACTION) => of_action(lines.get(at + 1..).unwrap_or_default()),
            None => continue,
        };
        let Some((url, path)) = stated else { continue };
        let template = |raw: &str| Template::read(raw, text, remotes, 0);
        let (url, path) = (template(&url).without_tag(), template(&path).below_root());
        // Who changes folders means another one by `.`.
        let is_here = matches!(path.0.as_slice(), [Part::Text(path)] if matches!(path.as_str(), "." | "./"));
        if is_here
            && ["working-directory:", "pushd ", "cd "]
                .iter()
                .any(|moves| text.contains(moves))
        {
            continue;
        }
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        found.push((url, path, line));
    }
    found
}

/// URL and folder of a command, whose first line is `rest`.
fn of_command(rest: &str, following: &[&str]) -> Option<(String, String)> {
    let mut command = String::new();
    let mut line = rest;
    for next in following.iter().take(MOST_LINES).copied().chain([""]) {
        let continued = line.trim_end().strip_suffix('\\');
        command.push_str(continued.unwrap_or(line));
        command.push(' ');
        let next_is_argument = next.trim_start().starts_with(['-', '"', '$', '{']) || next.contains("oci://");
        let is_list = next.trim_start().starts_with("- ");
        if continued.is_none() && (!next_is_argument || is_list) {
            break;
        }
        line = next;
    }
    let words = words(&command);
    let path = words.iter().enumerate().find_map(|(at, word)| {
        let stated = word.strip_prefix("--path=").or_else(|| word.strip_prefix("-f="));
        match word.as_str() {
            "--path" | "-f" => words.get(at + 1).cloned(),
            _ => stated.map(str::to_owned),
        }
    });
    let url = words.iter().find(|word| word.contains("oci://"));
    let url = url.or_else(|| {
        words
            .first()
            .filter(|word| word.contains('$') || word.contains("{{"))
    });
    Some((url?.clone(), path?))
}

/// URL and folder of a step that uses the action: `repository` has no scheme.
fn of_action(following: &[&str]) -> Option<(String, String)> {
    let step = following.iter().take(MOST_LINES);
    let step = step
        .map(|line| line.trim())
        .take_while(|line| !line.starts_with("- "));
    let (mut repository, mut path) = (None, None);
    for line in step {
        let value = |key: &str| {
            let value = line.strip_prefix(key)?.trim();
            Some(value.trim_matches(['"', '\'']).to_owned())
        };
        repository = repository.or_else(|| value("repository:"));
        path = path.or_else(|| value("path:"));
    }
    Some((format!("oci://{}", repository?), path?))
}

/// The words of a command without their quotes; `${{ … }}`, `{{ … }}` and `$( … )` are part of a word.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quote, mut depth) = (None, 0_usize);
    for char in command.chars() {
        match char {
            '"' | '\'' if quote == Some(char) => quote = None,
            '"' | '\'' if quote.is_none() && depth == 0 => quote = Some(char),
            char if char.is_whitespace() && quote.is_none() && depth == 0 => words.push(String::new()),
            char => {
                match char {
                    '{' | '(' => depth += 1,
                    '}' | ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if let Some(word) = words.last_mut() {
                    word.push(char);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A variable of GitHub or GitLab, of a shell or make, of Task or just.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\$\{\{\s*([^}]+?)\s*\}\}|\$\{([A-Za-z_]\w*)\}|\$\(([^)]*)\)|\$([A-Za-z_]\w*)|\{\{\s*([^}]+?)\s*\}\}",
    )
    .ok()
});

impl Template {
    /// A text with the values that a file states for its variables.
    fn read(raw: &str, file: &str, remotes: &[String], depth: usize) -> Self {
        let mut template = Template::default();
        let Some(variable) = VARIABLE.as_ref() else {
            return template;
        };
        let mut from = 0;
        for captures in variable.captures_iter(raw) {
            let Some(whole) = captures.get(0) else { continue };
            template.push_text(raw.get(from..whole.start()).unwrap_or_default());
            from = whole.end();
            let name = captures.iter().skip(1).flatten().next();
            let name = name
                .map_or("", |name| name.as_str())
                .trim()
                .trim_start_matches('.');
            match known(name, remotes) {
                Some(value) => template.push_text(&value),
                None => match stated(name, file).filter(|_| depth < MOST_NESTED) {
                    Some(value) => {
                        let Template(parts) = Template::read(value, file, remotes, depth + 1);
                        parts.into_iter().for_each(|part| template.push(part));
                    }
                    None => template.push(Part::Variable(name.to_owned())),
                },
            }
        }
        template.push_text(raw.get(from..).unwrap_or_default());
        template
    }

    fn push(&mut self, part: Part) {
        match part {
            Part::Text(text) => self.push_text(&text),
            variable @ Part::Variable(_) => self.0.push(variable),
        }
    }

    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// Cuts a tag or digest off, which stands behind the last slash.
    fn without_tag(mut self) -> Self {
        let has_slash = |part: &Part| matches!(part, Part::Text(text) if text.contains('/'));
        let last = self.0.iter().rposition(has_slash).unwrap_or_default();
        for (at, part) in self.0.iter_mut().enumerate().skip(last) {
            let Part::Text(text) = part else { continue };
            let from = text.rfind('/').map_or(0, |slash| slash + 1);
            let name = text.get(from..).unwrap_or_default();
            if let Some(end) = name.find([':', '@']) {
                text.truncate(from + end);
                self.0.truncate(at + 1);
                break;
            }
        }
        self
    }

    /// A path below a folder that only a run knows starts at the top of the repository, as `$ROOT/deploy` does.
    fn below_root(mut self) -> Self {
        if let [Part::Variable(name), Part::Text(rest), ..] = self.0.as_mut_slice() {
            let name = name.to_ascii_lowercase();
            let is_root = ["root", "dir", "pwd", "workspace"]
                .iter()
                .any(|word| name.contains(word));
            if let Some(below) = rest.strip_prefix('/').filter(|_| is_root) {
                *rest = below.to_owned();
                self.0.remove(0);
            }
        }
        self
    }

    /// The values of the variables with which the text is a URL. A text that is hardly more than variables is no URL.
    fn matches(&self, url: &str) -> Option<BTreeMap<&str, String>> {
        const SHORTEST: usize = "oci://".len() + 4;
        let stated: usize = self.0.iter().map(Part::stated_length).sum();
        if stated < SHORTEST {
            return None;
        }
        let mut pattern = String::from("^");
        let mut names = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => pattern.push_str(&regex::escape(text)),
                Part::Variable(name) => {
                    pattern.push_str("([^/]+)");
                    names.push(name.as_str());
                }
            }
        }
        pattern.push_str("/?$");
        let pattern = RegexBuilder::new(&pattern).case_insensitive(true).build().ok()?;
        let captures = pattern.captures(url)?;
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in names.into_iter().zip(captures.iter().skip(1).flatten()) {
            let value = value.as_str().to_owned();
            if values.get(name).is_some_and(|known| *known != value) {
                return None;
            }
            values.insert(name, value);
        }
        Some(values)
    }

    /// The text with values for its variables; `None` if one is missing.
    fn with(&self, values: &BTreeMap<&str, String>) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Variable(name) => values.get(name.as_str()).map(String::as_str),
        });
        parts.collect()
    }
}

impl Part {
    fn stated_length(&self) -> usize {
        match self {
            Part::Text(text) => text.len(),
            Part::Variable(_) => 0,
        }
    }
}

/// The value of a variable that every run of CI has.
fn known(name: &str, remotes: &[String]) -> Option<String> {
    let owner_and_name = || {
        let url = remotes.first()?.trim_end_matches('/');
        let mut parts = url.strip_suffix(".git").unwrap_or(url).rsplit(['/', ':']);
        let name = parts.next()?;
        Some((parts.next()?.to_owned(), name.to_owned()))
    };
    match name {
        "github.repository" | "GITHUB_REPOSITORY" | "CI_PROJECT_PATH" => {
            owner_and_name().map(|(owner, name)| format!("{owner}/{name}"))
        }
        "github.repository_owner" | "GITHUB_REPOSITORY_OWNER" => owner_and_name().map(|(owner, _)| owner),
        "github.event.repository.name" | "CI_PROJECT_NAME" => owner_and_name().map(|(_, name)| name),
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

/// The value that a file states for a variable: `NAME: value`, `NAME=value`, `NAME := value`.
fn stated<'t>(name: &str, file: &'t str) -> Option<&'t str> {
    let name = name.rsplit('.').next().filter(|name| !name.is_empty())?;
    let mut values = file.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("- ").unwrap_or(line);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let rest = line.strip_prefix(name)?.trim_start();
        let value = [":=", "?=", "=", ":"]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))?
            .trim();
        let value = value.split(" #").next().unwrap_or(value).trim_end();
        let value = value.trim_matches(['"', '\'']);
        let is_itself = value.contains(name) && value.contains('$');
        (!value.is_empty() && !is_itself).then_some(value)
    });
    let first = values.next()?;
    // Where several values are stated, none is known.
    values.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::MemoryTree;

    #[track_caller]
    fn check(text: &str, url: &str, folder: Option<&str>) {
        let files = [
            (".github/workflows/push.yaml", text),
            ("deploy/app/a.yaml", ""),
            ("deploy/web/a.yaml", ""),
        ];
        let tree: MemoryTree = files.into_iter().collect();
        let remotes = ["https://github.com/Acme/fleet.git".to_owned()];
        let pushes = pushes(&tree, &remotes);
        let found = folder_of(&pushes, url, &tree).map(|(folder, _)| folder.to_string());
        assert_eq!(found.as_deref(), folder, "{pushes:?}");
    }

    #[test]
    fn commands_state_the_folder() {
        let url = "oci://ghcr.io/acme/fleet/app";
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=./deploy/app",
            url,
            Some("deploy/app"),
        );
        check(
            "  flux push artifact \\\n    \"oci://${IMAGE}:${{ steps.v.outputs.version }}\" \\\n    --path ./deploy/app \\\n    --source=x\nIMAGE: ghcr.io/acme/fleet/app\n",
            url,
            Some("deploy/app"),
        );
        check(
            "cmd: >\n  flux push artifact oci://ghcr.io/${{ github.repository }}/app:latest\n  --path=\"{{.PROJECT_DIR}}/deploy/app\"\n  --revision=x\n",
            url,
            Some("deploy/app"),
        );
        check(
            "REGISTRY := ghcr.io/acme\nflux push artifact oci://$(REGISTRY)/fleet/app:$(git rev-parse HEAD) --path=deploy/app",
            url,
            Some("deploy/app"),
        );
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app@sha256:1 -f deploy/app",
            url,
            Some("deploy/app"),
        );
    }

    #[test]
    fn a_variable_has_one_value_in_both() {
        let text = "flux push artifact oci://ghcr.io/acme/fleet/$NAME:latest --path=./deploy/$NAME";
        check(text, "oci://ghcr.io/acme/fleet/web", Some("deploy/web"));
        check(text, "oci://ghcr.io/acme/fleet/none", None);
        check(
            "- uses: controlplaneio-fluxcd/distribution/actions/push@main\n  with:\n    repository: ghcr.io/${{ github.repository }}/${{ matrix.component }}\n    path: \"deploy/${{ matrix.component }}\"\n- run: x\n",
            "oci://ghcr.io/acme/fleet/app",
            Some("deploy/app"),
        );
    }

    #[test]
    fn what_is_not_known_is_no_folder() {
        let url = "oci://ghcr.io/acme/fleet/app";
        check(
            "flux push artifact oci://ghcr.io/acme/other:v1 --path=./deploy/app",
            url,
            None,
        );
        check("flux push artifact $URL --path=./deploy/app", url, None);
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=./elsewhere",
            url,
            None,
        );
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=../..",
            url,
            None,
        );
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=$DIR",
            url,
            None,
        );
        check(
            "flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=deploy/app\nflux push artifact oci://ghcr.io/acme/fleet/app:v2 --path=deploy/web\n",
            url,
            None,
        );
        check(
            "- run: flux push artifact oci://ghcr.io/acme/fleet/app:v1 --path=.\n  working-directory: deploy/app\n",
            url,
            None,
        );
        check("flux push artifact", url, None);
    }
}

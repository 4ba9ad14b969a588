//! Folders of the repository that its own scripts push as the artifact of an OCIRepository.
//!
//! `flux push artifact oci://HOST/NAME:TAG --path=FOLDER` in a workflow, a Makefile or a shell script says that the content of the source is
//! that folder (<https://fluxcd.io/flux/cmd/flux_push_artifact/>); so do `repository` and `path` of the action that wraps it
//! (<https://github.com/controlplaneio-fluxcd/distribution/tree/main/actions/push>).

mod command;
mod template;
mod values;

use source_tree::{EntryKind, Place, RepoPath, SourceTree};

use command::{may_push, stated};
use template::{Template, UrlPattern};
use values::Values;

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

/// Most pushes of all files.
const MOST_PUSHES: usize = 200;

/// What a script pushes, and where.
#[derive(Debug)]
pub(super) struct Push {
    /// The URL without its tag.
    url: UrlPattern,
    /// The folder.
    path: Template,
    place: Place,
}

/// Everything that scripts of the repository push.
pub(super) fn pushes(tree: &dyn SourceTree, remotes: &[String]) -> Vec<Push> {
    let mut found = Vec::new();
    for file in scripts(tree) {
        let Some(bytes) = tree.read(&file).ok().filter(|bytes| bytes.len() <= LARGEST) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        of_file(&text, &file, remotes, &mut found);
        if found.len() >= MOST_PUSHES {
            break;
        }
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
        let Some(path) = push.url.values(url).and_then(|values| push.path.with(&values)) else {
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

/// Adds the pushes of a file.
fn of_file(text: &str, file: &RepoPath, remotes: &[String], found: &mut Vec<Push>) {
    if !may_push(text) {
        return;
    }
    let values = Values::of(text, remotes);
    let moves = ["working-directory:", "pushd ", "cd "]
        .iter()
        .any(|moves| text.contains(moves));
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((url, path)) = stated(line, lines.get(at + 1..).unwrap_or_default()) else {
            continue;
        };
        let path = Template::read(&path, &values).below_root();
        // Who changes folders means another one by `.`.
        let is_here = path.is_text(".") || path.is_text("./");
        let url = Template::read(&url, &values).without_tag().url_pattern();
        let Some(url) = url.filter(|_| !(is_here && moves)) else {
            continue;
        };
        let place = Place {
            file: file.clone(),
            line: u32::try_from(at + 1).unwrap_or(u32::MAX),
        };
        found.push(Push { url, path, place });
        if found.len() >= MOST_PUSHES {
            return;
        }
    }
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

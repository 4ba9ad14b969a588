//! Text files of a repository that are not manifests.

use source_tree::{EntryKind, RepoPath, SourceTree};

/// Largest file that is read, in bytes. A larger one counts as empty.
const LARGEST: usize = 1 << 20;

/// Calls `show` with the text of each file that `accepts` accepts by its path and name, without following links or entering `.git`.
pub(crate) fn each_text(
    tree: &dyn SourceTree,
    accepts: impl Fn(&RepoPath, &str) -> bool,
    mut show: impl FnMut(RepoPath, &str),
) {
    let mut folders = vec![RepoPath::root()];
    while let Some(folder) = folders.pop() {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" => folders.push(path),
                EntryKind::File if accepts(&path, &name) => {
                    let bytes = tree.read(&path).ok().filter(|bytes| bytes.len() <= LARGEST);
                    let bytes = bytes.as_deref().unwrap_or_default();
                    show(path, &String::from_utf8_lossy(bytes));
                }
                _ => {}
            }
        }
    }
}

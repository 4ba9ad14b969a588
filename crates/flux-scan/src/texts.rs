//! Texts of a repository besides its manifests.

use source_tree::{EntryKind, RepoPath, SourceTree};

/// Larger files are left alone, in bytes.
const LARGEST: usize = 1 << 20;

/// Shows the text of each file that is accepted by its path and name; links are not followed, and Git's own folder is left out.
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
                    show(
                        path,
                        &String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()),
                    );
                }
                _ => {}
            }
        }
    }
}

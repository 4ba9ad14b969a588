//! Text files of a repository that are not manifests.

use std::collections::HashMap;

use source_tree::{EntryKind, ObjectRef, Place, RepoPath, SourceTree};

/// Largest file that is read, in bytes. A larger one counts as empty.
const LARGEST: usize = 1 << 20;

/// The objects that files state, each with the first place that does, and these files. `stated` gives those of a text with their lines.
pub(crate) fn stated_objects(
    tree: &dyn SourceTree,
    accepts: impl Fn(&RepoPath, &str) -> bool,
    stated: impl Fn(&str) -> Vec<(ObjectRef, u32)>,
) -> (HashMap<ObjectRef, Place>, Vec<RepoPath>) {
    let (mut objects, mut files) = (HashMap::new(), Vec::new());
    each_text(tree, accepts, |file, text| {
        let found = stated(text);
        if found.is_empty() {
            return;
        }
        for (object, line) in found {
            let file = file.clone();
            objects.entry(object).or_insert(Place { file, line });
        }
        files.push(file);
    });
    (objects, files)
}

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

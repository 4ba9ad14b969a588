//! A repository turns into a digest, by which catalogs know whether they are stale.

use catalog_emit::TreeDigest;
use source_tree::{EntryKind, RepoPath, SourceTree};

/// Folders that are no part of what is scanned: Git's own, and those that `regen` writes.
const LEFT_OUT: [&str; 3] = [".git", "flux-infra-guide", "flux-infra-guide-regenerate"];

/// Digest of the names and contents of all files, in path order.
pub fn digest(tree: &dyn SourceTree) -> String {
    let mut digest = TreeDigest::new();
    add(tree, &RepoPath::root(), &mut digest, 0);
    digest.finish()
}

fn add(tree: &dyn SourceTree, folder: &RepoPath, digest: &mut TreeDigest, depth: usize) {
    // Deeper than any repository; a tree that is made up may have no end.
    const DEEPEST: usize = 64;
    for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
        let path = folder.join(&name);
        match kind {
            _ if LEFT_OUT.contains(&name.as_str()) => {}
            EntryKind::Directory if depth < DEEPEST => add(tree, &path, digest, depth + 1),
            EntryKind::Directory => {}
            // A file that cannot be read has no say in any catalog.
            EntryKind::File => digest.file(path.as_str(), &tree.read(&path).unwrap_or_default()),
        }
    }
}

//! The objects of a bucket that become files of its artifact.

use source_tree::{EntryKind, MemoryTree, RepoPath, SourceTree as _};

use super::{ArtifactTree, IGNORE_FILE, Rules};

/// The files that source-controller takes from a bucket. `ignore_file` is its `.sourceignore`, `ignore` is `spec.ignore`.
pub fn bucket_files(
    files: impl IntoIterator<Item = RepoPath>,
    ignore_file: Option<&[u8]>,
    ignore: Option<&str>,
) -> Vec<RepoPath> {
    let mut tree = MemoryTree::new();
    for file in files {
        tree.insert(file, Vec::new());
    }
    if let Some(text) = ignore_file {
        tree.insert(IGNORE_FILE, text.to_vec());
    }
    let artifact =
        ArtifactTree::with_rules(std::sync::Arc::new(tree), RepoPath::root(), Rules::Bucket, ignore);
    let mut folders = vec![RepoPath::root()];
    let mut kept = Vec::new();
    while let Some(folder) = folders.pop() {
        for (name, kind) in artifact.list(&folder).unwrap_or_default() {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory => folders.push(path),
                EntryKind::File => kept.push(path),
            }
        }
    }
    kept.retain(|path| path.as_str() != IGNORE_FILE);
    kept.sort();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_bucket_and_of_the_source() {
        let all = [
            "a.yaml",
            "docs/b.md",
            "x/.sourceignore",
            "x/c.png",
            ".sourceignore",
        ];
        let check = |ignore_file: Option<&str>, ignore: Option<&str>, expected: &[&str]| {
            let files = all.iter().map(|path| RepoPath::new(path));
            let kept = bucket_files(files, ignore_file.map(str::as_bytes), ignore);
            let kept: Vec<&str> = kept.iter().map(RepoPath::as_str).collect();
            assert_eq!(kept, expected);
        };
        check(None, None, &["a.yaml", "docs/b.md", "x/.sourceignore", "x/c.png"]);
        check(Some("docs/\n"), None, &["a.yaml", "x/.sourceignore", "x/c.png"]);
        check(Some("docs/\n"), Some("/*\n!/docs\n"), &["docs/b.md"]);
    }
}

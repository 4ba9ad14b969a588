//! The Git work tree around the files that a command reads and writes.

use camino::{Utf8Path, Utf8PathBuf};
use flux_scan::ScannedCluster;
use source_tree::regular_file;

/// Largest `.gitignore` that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The top of the work tree around a folder.
pub(crate) fn top(folder: &Utf8Path) -> Option<&Utf8Path> {
    let mut folders = folder.ancestors();
    folders.find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

/// A warning that a folder is only a part of a repository, and the top of the repository. It is given if paths of Kustomizations
/// exist in the whole repository but not in the folder.
pub(crate) fn part_of(folder: &Utf8Path, clusters: &[ScannedCluster]) -> Option<(String, Utf8PathBuf)> {
    let top = top(folder).filter(|top| *top != folder)?;
    let mut paths = clusters
        .iter()
        .flat_map(|cluster| &cluster.evaluation.kustomizations)
        .filter(|evaluated| evaluated.error.is_some() || evaluated.external)
        .map(|evaluated| evaluated.path.as_str())
        .filter(|path| !path.is_empty() && !folder.join(path).exists() && top.join(path).is_dir());
    let path = paths.next()?;
    let message = format!("{folder} is a folder of the repository {top}, where paths such as {path} begin");
    Some((message, top.to_owned()))
}

/// The line of the top `.gitignore` of a repository that ignores a folder.
pub(crate) fn ignored_by(top: &Utf8Path, folder: &Utf8Path) -> Option<usize> {
    let first = folder.components().next()?.as_str();
    let bytes = regular_file::read(&top.join(".gitignore"), LARGEST).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut ignored = None;
    for (number, line) in (1..).zip(text.lines()) {
        let (name, is_ignored) = match line.trim_end().strip_prefix('!') {
            Some(name) => (name, false),
            None => (line.trim_end(), true),
        };
        let name = name.trim_start_matches('/').trim_end_matches('/');
        let name = name.trim_end_matches("/**").trim_end_matches("/*");
        if name == first || name == "*" || (name == ".*" && first.starts_with('.')) {
            ignored = is_ignored.then_some(number);
        }
    }
    ignored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_about_a_folder_counts() {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8Path::from_path(temporary.path()).unwrap();
        for (text, expected) in [
            ("target\n.claude/\n", Some(2)),
            ("/.claude\n", Some(1)),
            (".claude/*\n", Some(1)),
            ("*\n!.claude/\n", None),
            ("*\n!kubernetes\n", Some(1)),
            (".*\n", Some(1)),
            ("# .claude\n", None),
            ("other/.claude\n", None),
        ] {
            std::fs::write(top.join(".gitignore"), text).unwrap();
            assert_eq!(
                ignored_by(top, Utf8Path::new(".claude/skills")),
                expected,
                "{text}"
            );
        }
        assert_eq!(ignored_by(&top.join("none"), Utf8Path::new(".claude")), None);
    }
}

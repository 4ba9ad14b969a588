//! What patterns keep out of an artifact, and which line says so.

use source_tree::{EntryKind, Place, RepoPath, SourceTree as _};

use super::pattern::{Pattern, Verdict};
use super::{ArtifactTree, IGNORE_FILE};

/// A file or folder of the repository that a pattern of somebody's keeps out of the artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its path in the repository.
    pub path: RepoPath,
    /// Whether it is a folder, with all that is below it.
    pub is_folder: bool,
    /// The pattern.
    pub pattern: String,
    /// The line of the ignore file; none for a pattern of `spec.ignore`.
    pub stated: Option<Place>,
}

impl ArtifactTree {
    /// Everything that patterns of ignore files and of `spec.ignore` (`ignore`) keep out, by path. What is left out anyway is not
    /// in it.
    pub fn ignored(&self, ignore: &str) -> Vec<Ignored> {
        let mut found = Vec::new();
        self.ignored_in(&RepoPath::root(), ignore, &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The pattern that keeps a folder of the repository out, with the folder that it is about: that one, or one around it.
    pub(crate) fn left_out(
        &self,
        path: &RepoPath,
        ignore: &str,
    ) -> Option<(RepoPath, String, Option<Place>)> {
        let is_folder = |path: &RepoPath| self.tree.kind(&self.below(path)) == Some(EntryKind::Directory);
        if !is_folder(path) {
            return None;
        }
        let mut around: Vec<RepoPath> = path.ancestors().filter(|folder| !folder.is_root()).collect();
        around.reverse();
        let outermost = around.into_iter().find(|folder| self.kind(folder).is_none())?;
        let (pattern, stated) = self.decided_by(&outermost, true, ignore)?;
        Some((self.below(&outermost), pattern, stated))
    }

    fn ignored_in(&self, folder: &RepoPath, ignore: &str, found: &mut Vec<Ignored>) {
        let (Ok(all), Ok(kept)) = (
            self.tree.list_without_links(&self.below(folder)),
            self.list(folder),
        ) else {
            return;
        };
        for (name, kind) in all {
            let path = folder.join(&name);
            let is_folder = kind == EntryKind::Directory;
            let is_kept = kept
                .binary_search_by(|(entry, _)| entry.as_str().cmp(&name))
                .is_ok();
            if is_kept && is_folder {
                self.ignored_in(&path, ignore, found);
            } else if !is_kept && let Some((pattern, stated)) = self.decided_by(&path, is_folder, ignore) {
                found.push(Ignored {
                    path: self.below(&path),
                    is_folder,
                    pattern,
                    stated,
                });
            }
        }
    }

    /// The pattern that decides about a path, where it excludes it.
    fn decided_by(&self, path: &RepoPath, is_folder: bool, ignore: &str) -> Option<(String, Option<Place>)> {
        let parts: Vec<&str> = path.parts().collect();
        // The last pattern that matches decides, and those of the source come last.
        if let Some((_, line, verdict)) = deciding(ignore, 0, &parts, is_folder) {
            return (verdict == Verdict::Exclude).then(|| (line.to_owned(), None));
        }
        for folder in path.ancestors().skip(1) {
            let file = self.below(&folder).join(IGNORE_FILE);
            let Ok(bytes) = self.tree.read(&file) else {
                continue;
            };
            let text = String::from_utf8_lossy(&bytes);
            if let Some((line, pattern, verdict)) = deciding(&text, folder.parts().count(), &parts, is_folder)
            {
                return (verdict == Verdict::Exclude)
                    .then(|| (pattern.to_owned(), Some(Place { file, line })));
            }
        }
        None
    }
}

/// The last line of a text of patterns that says something of a path.
fn deciding<'t>(
    text: &'t str,
    depth: usize,
    path: &[&str],
    is_folder: bool,
) -> Option<(u32, &'t str, Verdict)> {
    let lines: Vec<(u32, &str)> = (1_u32..).zip(text.lines()).collect();
    let mut stated = lines
        .into_iter()
        .rev()
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    stated.find_map(|(number, line)| {
        let verdict = Pattern::new(line, depth).verdict(path, is_folder)?;
        Some((number, line, verdict))
    })
}

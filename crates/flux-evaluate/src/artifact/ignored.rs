//! Files that patterns exclude from an artifact, with the line of the pattern.

use source_tree::{EntryKind, Place, RepoPath, SourceTree as _};

use super::pattern::{Pattern, Verdict};
use super::{ArtifactTree, IGNORE_FILE, is_pattern};

/// A file or folder of the repository that an explicit pattern excludes from the artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its path in the repository.
    pub path: RepoPath,
    /// Whether it is a folder, with all of its contents.
    pub is_folder: bool,
    /// The pattern.
    pub pattern: String,
    /// The line of the ignore file; `None` for a pattern of `spec.ignore`.
    pub stated: Option<Place>,
}

impl ArtifactTree {
    /// Everything that patterns of ignore files and of `spec.ignore` (`ignore`) exclude, sorted by path. Default exclusions
    /// are not listed.
    pub fn ignored(&self, ignore: &str) -> Vec<Ignored> {
        let mut found = Vec::new();
        self.ignored_in(&RepoPath::root(), ignore, &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The pattern that excludes a folder of the repository, with the folder that it matches: that one, or one around it.
    pub(crate) fn left_out(
        &self,
        path: &RepoPath,
        ignore: &str,
    ) -> Option<(RepoPath, String, Option<Place>)> {
        if self.tree.kind(&self.below(path)) != Some(EntryKind::Directory) {
            return None;
        }
        let around = path.ancestors().filter(|folder| !folder.is_root());
        let outermost = around.filter(|folder| self.kind(folder).is_none()).last()?;
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
            let kept = kept.binary_search_by(|(entry, _)| entry.as_str().cmp(&name));
            let is_kept = kept.is_ok();
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

    /// The pattern that excludes a path, with the line of the ignore file.
    fn decided_by(&self, path: &RepoPath, is_folder: bool, ignore: &str) -> Option<(String, Option<Place>)> {
        let parts: Vec<&str> = path.parts().collect();
        // The last matching pattern decides, and those of the source come last.
        if let Some((_, line, verdict)) = last_match(ignore, 0, &parts, is_folder) {
            return (verdict == Verdict::Exclude).then(|| (line.to_owned(), None));
        }
        path.ancestors()
            .skip(1)
            .find_map(|folder| {
                let file = self.below(&folder).join(IGNORE_FILE);
                let bytes = self.tree.read(&file).ok()?;
                let text = String::from_utf8_lossy(&bytes);
                let (line, pattern, verdict) = last_match(&text, folder.parts().count(), &parts, is_folder)?;
                let pattern = (pattern.to_owned(), Some(Place { file, line }));
                Some((verdict == Verdict::Exclude).then_some(pattern))
            })
            .flatten()
    }
}

/// The last pattern of a text that matches a path, with its line.
fn last_match<'t>(
    text: &'t str,
    depth: usize,
    path: &[&str],
    is_folder: bool,
) -> Option<(u32, &'t str, Verdict)> {
    let lines: Vec<(u32, &str)> = (1_u32..).zip(text.lines()).collect();
    let mut patterns = lines.into_iter().rev().filter(|(_, line)| is_pattern(line));
    patterns.find_map(|(number, line)| {
        let verdict = Pattern::new(line, depth).verdict(path, is_folder)?;
        Some((number, line, verdict))
    })
}

//! A set of folders that can be asked which others contain them or lie in them.

use foldhash::HashSet;
use source_tree::RepoPath;

/// Folders with all folders around them: the cost of a question depends on the depth of a path, not on their number.
#[derive(Default)]
pub(super) struct Folders {
    folders: HashSet<RepoPath>,
    around: HashSet<RepoPath>,
}

impl Folders {
    pub(super) fn insert(&mut self, folder: &RepoPath) {
        for folder in folder.ancestors() {
            if !self.around.insert(folder) {
                break;
            }
        }
        self.folders.insert(folder.clone());
    }

    /// Whether a folder is one of them, or lies in one.
    pub(super) fn cover(&self, folder: &RepoPath) -> bool {
        folder.ancestors().any(|folder| self.folders.contains(&folder))
    }

    /// Whether a folder is one of them, lies in one, or contains one.
    pub(super) fn touch(&self, folder: &RepoPath) -> bool {
        self.around.contains(folder) || self.cover(folder)
    }
}

impl<'p> FromIterator<&'p RepoPath> for Folders {
    fn from_iter<I: IntoIterator<Item = &'p RepoPath>>(folders: I) -> Self {
        let mut set = Folders::default();
        folders.into_iter().for_each(|folder| set.insert(folder));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_lie_around_each_other_part_by_part() {
        let paths = ["clusters/prod", "apps"].map(RepoPath::new);
        let folders: Folders = paths.iter().collect();
        for (path, covered, touched) in [
            ("clusters/prod", true, true),
            ("clusters/prod/flux", true, true),
            ("clusters", false, true),
            ("clusters/production", false, false),
            ("apps/web", true, true),
            ("", false, true),
        ] {
            let path = RepoPath::new(path);
            assert_eq!(
                (folders.cover(&path), folders.touch(&path)),
                (covered, touched),
                "{path}"
            );
        }
    }
}

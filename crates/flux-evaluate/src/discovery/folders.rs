//! A set of folders that knows which others lie around them and in them.

use foldhash::HashSet;
use source_tree::RepoPath;

/// Folders, and all that lie around them: each question takes as long as a path is deep, however many there are.
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

    /// Whether one of them is a folder, or lies around it.
    pub(super) fn cover(&self, folder: &RepoPath) -> bool {
        folder.ancestors().any(|folder| self.folders.contains(&folder))
    }

    /// Whether one of them is a folder, or lies around it or in it.
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

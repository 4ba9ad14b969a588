//! Trees with included folders, which a GitRepository with `spec.include` archives.
//!
//! <https://fluxcd.io/flux/components/source/gitrepositories/#include>

use std::collections::BTreeMap;
use std::sync::Arc;

use source_tree::{EntryKind, RepoPath, SourceTree, TreeError, canonicalize_without_links};

/// A folder of a tree, with folders or files of other trees in it.
pub(crate) struct IncludeTree {
    base: Arc<dyn SourceTree>,
    root: RepoPath,
    included: Vec<Included>,
}

/// A folder or file of another tree.
#[derive(Clone)]
pub(crate) struct Included {
    pub(crate) tree: Arc<dyn SourceTree>,
    /// Its path in the other tree.
    pub(crate) from: RepoPath,
    /// Its path here.
    pub(crate) to: RepoPath,
}

impl IncludeTree {
    /// The folder `root` of a tree, without includes.
    pub(crate) fn new(base: Arc<dyn SourceTree>, root: RepoPath) -> Self {
        IncludeTree {
            base,
            root,
            included: Vec::new(),
        }
    }

    pub(crate) fn include(&mut self, included: Included) {
        self.included.push(included);
    }

    /// Whether a folder or file cannot be included at `to`: source-controller moves it there, so that the path must be free.
    pub(crate) fn is_occupied(&self, to: &RepoPath, by: EntryKind) -> bool {
        let is_file = |path: &RepoPath| self.kind(path) == Some(EntryKind::File);
        to.ancestors().skip(1).any(|folder| is_file(&folder))
            || (self.kind(to).is_some() && !(is_file(to) && by == EntryKind::File))
    }

    /// The tree that contains a path, and the path in it. The last include has precedence.
    fn locate(&self, path: &RepoPath) -> (&dyn SourceTree, RepoPath) {
        let located = self.included.iter().rev().find_map(|included| {
            let rest = path.strip_prefix(&included.to)?;
            Some((&*included.tree, included.from.join(rest.as_str())))
        });
        located.unwrap_or_else(|| (&*self.base, self.root.join(path.as_str())))
    }

    /// Names in a folder that lead to an include.
    fn leading(&self, folder: &RepoPath) -> Vec<String> {
        leading(self.included.iter().map(|included| &included.to), folder)
    }

    fn list_with(
        &self,
        path: &RepoPath,
        list: impl Fn(&dyn SourceTree, &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError>,
    ) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let leading = self.leading(path);
        let (tree, inner) = self.locate(path);
        let entries = match list(tree, &inner) {
            Err(_) if !leading.is_empty() => Vec::new(),
            entries => entries?,
        };
        if leading.is_empty() {
            return Ok(entries);
        }
        let mut entries: BTreeMap<String, EntryKind> = entries.into_iter().collect();
        for name in leading {
            let kind = self.kind(&path.join(&name)).unwrap_or(EntryKind::Directory);
            entries.insert(name, kind);
        }
        Ok(entries.into_iter().collect())
    }
}

impl SourceTree for IncludeTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let (tree, path) = self.locate(path);
        tree.read(&path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list_with(path, |tree, path| tree.list(path))
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list_with(path, |tree, path| tree.list_without_links(path))
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        let (tree, inner) = self.locate(path);
        let is_on_the_way = || (!self.leading(path).is_empty()).then_some(EntryKind::Directory);
        tree.kind(&inner).or_else(is_on_the_way)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        canonicalize_without_links(self, path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        let (tree, path) = self.locate(path);
        tree.provenance(&path)
    }
}

/// A tree in which the content of some folders is unknown.
pub(crate) struct PartlyKnownTree {
    tree: Arc<dyn SourceTree>,
    unknown: Vec<(RepoPath, String)>,
}

impl PartlyKnownTree {
    /// `unknown` are folders, each with the reason why it is unknown.
    pub(crate) fn new(tree: Arc<dyn SourceTree>, unknown: Vec<(RepoPath, String)>) -> Self {
        PartlyKnownTree { tree, unknown }
    }

    fn check(&self, path: &RepoPath) -> Result<(), TreeError> {
        match self.unknown.iter().find(|(folder, _)| path.starts_with(folder)) {
            Some((_, reason)) => Err(TreeError::Elsewhere {
                path: path.clone(),
                reason: reason.clone(),
            }),
            None => Ok(()),
        }
    }

    fn list_with(
        &self,
        path: &RepoPath,
        entries: Result<Vec<(String, EntryKind)>, TreeError>,
    ) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.check(path)?;
        let leading = self.leading(path);
        let entries = match entries {
            Err(_) if !leading.is_empty() => Vec::new(),
            entries => entries?,
        };
        let mut entries: BTreeMap<String, EntryKind> = entries.into_iter().collect();
        entries.extend(leading.into_iter().map(|name| (name, EntryKind::Directory)));
        Ok(entries.into_iter().collect())
    }

    fn leading(&self, path: &RepoPath) -> Vec<String> {
        leading(self.unknown.iter().map(|(folder, _)| folder), path)
    }
}

impl SourceTree for PartlyKnownTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.check(path)?;
        self.tree.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list_with(path, self.tree.list(path))
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.list_with(path, self.tree.list_without_links(path))
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        if self.check(path).is_err() {
            let is_folder = self.unknown.iter().any(|(folder, _)| folder == path);
            return is_folder.then_some(EntryKind::Directory);
        }
        let is_on_the_way = || (!self.leading(path).is_empty()).then_some(EntryKind::Directory);
        self.tree.kind(path).or_else(is_on_the_way)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.check(path)?;
        canonicalize_without_links(self, path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.tree.provenance(path)
    }
}

/// Names in a folder that lead to one of these paths.
fn leading<'a>(paths: impl Iterator<Item = &'a RepoPath>, folder: &RepoPath) -> Vec<String> {
    let names = paths.filter_map(|path| {
        let rest = path.strip_prefix(folder)?;
        rest.parts().next().map(str::to_owned)
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::MemoryTree;

    fn included() -> IncludeTree {
        let base: MemoryTree = [("a.yaml", "a"), ("vendor/b.yaml", "b")].into_iter().collect();
        let other: MemoryTree = [("deploy/c.yaml", "c"), ("x", "y")].into_iter().collect();
        let other: Arc<dyn SourceTree> = Arc::new(other);
        let mut tree = IncludeTree::new(Arc::new(base), RepoPath::root());
        for (from, to) in [("deploy", "vendor/other"), ("x", "deep/er/file")] {
            tree.include(Included {
                tree: Arc::clone(&other),
                from: from.into(),
                to: to.into(),
            });
        }
        tree
    }

    fn names(tree: &dyn SourceTree, path: &str) -> Vec<String> {
        let entries = tree.list(&RepoPath::new(path)).unwrap();
        entries
            .into_iter()
            .map(|(name, kind)| match kind {
                EntryKind::File => name,
                EntryKind::Directory => name + "/",
            })
            .collect()
    }

    #[test]
    fn included_folders_and_files_are_at_their_paths() {
        let tree = included();
        for (path, expected) in [
            ("", &["a.yaml", "deep/", "vendor/"][..]),
            ("vendor", &["b.yaml", "other/"]),
            ("vendor/other", &["c.yaml"]),
            ("deep", &["er/"]),
            ("deep/er", &["file"]),
        ] {
            assert_eq!(names(&tree, path), expected, "{path}");
        }
        assert_eq!(&*tree.read(&"vendor/other/c.yaml".into()).unwrap(), b"c");
        assert_eq!(&*tree.read(&"deep/er/file".into()).unwrap(), b"y");
        assert!(tree.read(&"vendor/other/x".into()).is_err());
        assert_eq!(tree.kind(&"deep/no".into()), None);
    }

    #[test]
    fn the_path_must_be_free() {
        let tree = included();
        for (to, by, expected) in [
            ("new", EntryKind::Directory, false),
            ("vendor", EntryKind::Directory, true),
            ("vendor/new/deep", EntryKind::Directory, false),
            ("vendor/other/new", EntryKind::Directory, false),
            ("a.yaml", EntryKind::Directory, true),
            ("a.yaml", EntryKind::File, false),
            ("a.yaml/b", EntryKind::File, true),
            ("", EntryKind::Directory, true),
        ] {
            assert_eq!(tree.is_occupied(&to.into(), by), expected, "{to}");
        }
    }

    #[test]
    fn unknown_content_is_an_error_with_the_reason() {
        let unknown = vec![("vendor/gone".into(), "comes from elsewhere".to_owned())];
        let tree = PartlyKnownTree::new(Arc::new(included()), unknown);
        assert_eq!(names(&tree, "vendor"), ["b.yaml", "gone/", "other/"]);
        assert_eq!(tree.kind(&"vendor/gone".into()), Some(EntryKind::Directory));
        assert_eq!(tree.kind(&"vendor/gone/x".into()), None);
        for error in [
            tree.read(&"vendor/gone/x".into()).unwrap_err(),
            tree.list(&"vendor/gone".into()).unwrap_err(),
            tree.canonicalize(&"vendor/gone/deep/x".into()).unwrap_err(),
        ] {
            assert!(error.to_string().ends_with(": comes from elsewhere"), "{error}");
        }
        assert!(tree.canonicalize(&"vendor/b.yaml".into()).is_ok());
    }
}

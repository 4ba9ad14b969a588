//! A repository turns into the tree of the artifact that Flux's source-controller makes.
//!
//! Symlinks are dropped, and files that `.sourceignore` files, `spec.ignore` of the source or the defaults exclude:
//! <https://fluxcd.io/flux/components/source/gitrepositories/#excluding-files>. `.gitignore` does not count. Buckets and copied
//! layers of OCI artifacts have other rules.

mod bucket;
mod ignored;
mod include;
mod pattern;

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::HashMap;
use source_tree::{EntryKind, RepoPath, SourceTree, TreeError, canonicalize_without_links};

pub use bucket::bucket_files;
pub use ignored::Ignored;
pub(crate) use include::{IncludeTree, Included, PartlyKnownTree};
use pattern::{Pattern, Verdict};

const IGNORE_FILE: &str = ".sourceignore";

/// Always excluded.
const VERSION_CONTROL: [&str; 4] = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];

/// Never pushed to a bucket or a registry, though no rule of source-controller excludes it.
const REPOSITORY: [&str; 1] = [".git/"];

/// Excluded if neither an ignore file nor the source has a pattern.
const DEFAULTS: [&str; 20] = [
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// Rules by which controllers exclude files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Rules {
    /// An archived folder: `SourceIgnoreFilter` in
    /// <https://github.com/fluxcd/pkg/blob/main/artifact/storage/archive.go>.
    #[default]
    Archive,
    /// A bucket: without defaults, and only an ignore file at the top counts. `fetchEtagIndex` in
    /// <https://github.com/fluxcd/source-controller/blob/main/internal/controller/bucket_controller.go>.
    Bucket,
    /// An OCI layer whose `operation` is `copy` stays as it is.
    Copy,
    /// An artifact of an ArtifactGenerator: the defaults always count, and ignore files do not. `Build` in
    /// <https://github.com/fluxcd/source-watcher/blob/main/internal/builder/builder.go>.
    Generated,
}

/// The artifact of a folder of a tree. Each folder is listed once, on first use.
pub struct ArtifactTree {
    tree: Arc<dyn SourceTree>,
    root: RepoPath,
    rules: Rules,
    always: Vec<Pattern>,
    defaults: Vec<Pattern>,
    spec_ignore: Vec<Pattern>,
    // Computed lazily, by a walk over the whole tree: it is rarely needed.
    has_ignore_files: OnceLock<bool>,
    folders: RwLock<HashMap<RepoPath, Option<Arc<Folder>>>>,
}

/// A folder in the artifact.
struct Folder {
    entries: Vec<(String, EntryKind)>,
    /// Patterns of this folder's ignore file and those above, in rising priority.
    patterns: Arc<[Pattern]>,
}

impl ArtifactTree {
    /// The artifact of a GitRepository with the files of `root` in `tree`; `ignore` is its `spec.ignore`.
    pub fn new(tree: Arc<dyn SourceTree>, root: RepoPath, ignore: Option<&str>) -> Self {
        ArtifactTree::with_rules(tree, root, Rules::Archive, ignore)
    }

    /// The artifact of `root` in `tree`.
    pub(crate) fn with_rules(
        tree: Arc<dyn SourceTree>,
        root: RepoPath,
        rules: Rules,
        ignore: Option<&str>,
    ) -> Self {
        let all = |lines: &[&str]| lines.iter().map(|line| Pattern::new(line, 0)).collect();
        let (always, defaults): (&[&str], &[&str]) = match rules {
            Rules::Archive | Rules::Generated => (&VERSION_CONTROL, &DEFAULTS),
            Rules::Bucket | Rules::Copy => (&REPOSITORY, &[]),
        };
        let ignore = ignore
            .filter(|_| matches!(rules, Rules::Archive | Rules::Bucket))
            .unwrap_or_default();
        ArtifactTree {
            tree,
            root,
            rules,
            always: all(always),
            defaults: all(defaults),
            spec_ignore: read_patterns(ignore, 0),
            has_ignore_files: OnceLock::new(),
            folders: RwLock::default(),
        }
    }

    fn below(&self, path: &RepoPath) -> RepoPath {
        match self.root.is_root() {
            true => path.clone(),
            false => self.root.join(path.as_str()),
        }
    }

    fn folder(&self, path: &str) -> Option<Arc<Folder>> {
        let known = self
            .folders
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(path)
            .cloned();
        known.unwrap_or_else(|| {
            let path = RepoPath::new(path);
            let folder = self.read_folder(&path).map(Arc::new);
            let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
            folders.entry(path).or_insert(folder).clone()
        })
    }

    fn read_folder(&self, path: &RepoPath) -> Option<Folder> {
        let mut patterns: Arc<[Pattern]> = Arc::default();
        if path.is_too_long() {
            return None;
        }
        if let Some((parent, name)) = path.folder_and_name() {
            let above = self.folder(parent)?;
            if above.kind(name) != Some(EntryKind::Directory) {
                return None;
            }
            patterns = Arc::clone(&above.patterns);
        }
        let mut entries = self.tree.list_without_links(&self.below(path)).ok()?;
        let parts: Vec<&str> = path.parts().collect();
        let own = self.ignore_file(path, &entries, parts.len());
        if !own.is_empty() {
            patterns = patterns.iter().cloned().chain(own).collect();
        }
        let has_patterns = !patterns.is_empty() || !self.spec_ignore.is_empty();
        entries.retain(|(name, kind)| {
            let is_directory = *kind == EntryKind::Directory;
            if !has_patterns {
                return !self.excludes_name(name, is_directory);
            }
            let parts = [&parts[..], &[name.as_str()]].concat();
            let excluded = self.excludes(&patterns, &parts, is_directory);
            // An excluded folder comes back if a file below it is included again.
            let may_return = || self.spec_ignore.iter().chain(&*patterns).any(Pattern::is_include);
            !excluded || (is_directory && may_return() && self.has_included_file(&path.join(name), &patterns))
        });
        Some(Folder { entries, patterns })
    }

    fn ignore_file(&self, path: &RepoPath, entries: &[(String, EntryKind)], depth: usize) -> Vec<Pattern> {
        let counts = match self.rules {
            Rules::Archive => true,
            Rules::Bucket => path.is_root(),
            Rules::Copy | Rules::Generated => false,
        };
        let file = self.below(path).join(IGNORE_FILE);
        // `entries` contains no links. source-controller does not enter linked folders, but reads linked ignore files.
        let is_file = |(name, kind): &(String, EntryKind)| name == IGNORE_FILE && *kind == EntryKind::File;
        let is_there = || entries.iter().any(is_file) || self.tree.kind(&file) == Some(EntryKind::File);
        if !counts || !is_there() {
            return Vec::new();
        }
        let bytes = self.tree.read(&file).unwrap_or_default();
        read_patterns(&String::from_utf8_lossy(&bytes), depth)
    }

    /// Whether the artifact excludes a path. `patterns` are those of its folder.
    fn excludes(&self, patterns: &[Pattern], path: &[&str], is_directory: bool) -> bool {
        let stated = patterns.iter().chain(&self.spec_ignore);
        let mut all = self.always.iter().chain(stated).rev();
        if let Some(verdict) = all.find_map(|pattern| pattern.verdict(path, is_directory)) {
            return verdict == Verdict::Exclude;
        }
        let has_patterns = !patterns.is_empty() || !self.spec_ignore.is_empty();
        let mut defaults = self.defaults.iter();
        !has_patterns
            && defaults.any(|pattern| pattern.verdict(path, is_directory).is_some())
            && !(self.rules == Rules::Archive && self.has_ignore_files())
    }

    /// Whether the artifact excludes a name in a folder that it contains, if no ignore file and no source has a pattern.
    fn excludes_name(&self, name: &str, is_directory: bool) -> bool {
        // The other patterns match each name of a path by itself, and none of those above was excluded.
        let matches = |pattern: &Pattern| pattern.verdict(&[name], is_directory).is_some();
        self.always.iter().any(matches)
            || self.defaults.iter().any(matches) && !(self.rules == Rules::Archive && self.has_ignore_files())
    }

    /// Whether any folder of the whole tree has an ignore file with a pattern, which replaces the defaults.
    fn has_ignore_files(&self) -> bool {
        let search = || self.search_ignore_files(&RepoPath::root());
        *self.has_ignore_files.get_or_init(search)
    }

    fn search_ignore_files(&self, path: &RepoPath) -> bool {
        let Ok(entries) = self.tree.list_without_links(&self.below(path)) else {
            return false;
        };
        !self.ignore_file(path, &entries, 0).is_empty()
            || entries.iter().any(|(name, kind)| {
                *kind == EntryKind::Directory && name != ".git" && self.search_ignore_files(&path.join(name))
            })
    }

    fn has_included_file(&self, path: &RepoPath, patterns: &[Pattern]) -> bool {
        let entries = self.tree.list_without_links(&self.below(path));
        entries.unwrap_or_default().iter().any(|(name, kind)| {
            let path = path.join(name);
            match kind {
                EntryKind::File => !self.excludes(patterns, &path.parts().collect::<Vec<_>>(), false),
                EntryKind::Directory => self.has_included_file(&path, patterns),
            }
        })
    }
}

impl Folder {
    fn kind(&self, name: &str) -> Option<EntryKind> {
        let entries = &self.entries;
        let index = entries
            .binary_search_by(|(entry, _)| entry.as_str().cmp(name))
            .ok()?;
        entries.get(index).map(|(_, kind)| *kind)
    }
}

impl SourceTree for ArtifactTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        match self.kind(path) {
            Some(EntryKind::File) => self.tree.read(&self.below(path)),
            Some(EntryKind::Directory) => Err(TreeError::IsDirectory { path: path.clone() }),
            None => Err(TreeError::NotFound { path: path.clone() }),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        match self.folder(path.as_str()) {
            Some(folder) => Ok(folder.entries.clone()),
            None if self.kind(path).is_some() => Err(TreeError::NotDirectory { path: path.clone() }),
            None => Err(TreeError::NotFound { path: path.clone() }),
        }
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        // An artifact contains no links.
        self.list(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        match path.folder_and_name() {
            Some((folder, name)) => self.folder(folder)?.kind(name),
            None => Some(EntryKind::Directory),
        }
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        canonicalize_without_links(self, path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.tree.provenance(&self.below(path))
    }
}

impl fmt::Debug for ArtifactTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArtifactTree")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

/// Whether a line of an ignore file is a pattern, rather than a comment or empty.
fn is_pattern(line: &str) -> bool {
    !line.starts_with('#') && !line.trim().is_empty()
}

fn read_patterns(text: &str, depth: usize) -> Vec<Pattern> {
    let lines = text.lines().filter(|line| is_pattern(line));
    lines.map(|line| Pattern::new(line, depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::MemoryTree;

    fn files(tree: &dyn SourceTree) -> Vec<String> {
        fn walk(tree: &dyn SourceTree, path: &RepoPath, found: &mut Vec<String>) {
            for (name, kind) in tree.list(path).unwrap() {
                let path = path.join(&name);
                match kind {
                    EntryKind::File => found.push(path.to_string()),
                    EntryKind::Directory => walk(tree, &path, found),
                }
            }
        }
        let mut found = Vec::new();
        walk(tree, &RepoPath::root(), &mut found);
        found
    }

    fn check(paths: &[(&str, &str)], root: &str, ignore: Option<&str>, expected: &[&str]) {
        let memory: MemoryTree = paths.iter().copied().collect();
        let tree = ArtifactTree::new(Arc::new(memory), root.into(), ignore);
        assert_eq!(files(&tree), expected);
    }

    #[test]
    fn defaults_apply_without_other_patterns() {
        let paths = [
            (".git/config", ""),
            (".github/ci.yaml", ""),
            ("a.png", ""),
            ("a.yaml", ""),
        ];
        check(&paths, "", None, &["a.yaml"]);
    }

    #[test]
    fn a_name_decides_where_no_source_has_a_pattern() {
        let names = [
            ".git",
            ".gitignore",
            ".github",
            "a.png",
            "x.tar.gz",
            ".sops.yaml",
            ".drone.yml",
            "a",
            "b.yaml",
        ];
        for rules in [Rules::Archive, Rules::Bucket, Rules::Copy, Rules::Generated] {
            let tree = ArtifactTree::with_rules(Arc::new(MemoryTree::new()), RepoPath::root(), rules, None);
            let kept = names.iter().filter(|folder| !tree.excludes(&[], &[folder], true));
            for (folder, name, is_directory) in kept.flat_map(|folder| {
                let names = names.iter();
                names.flat_map(move |name| [(*folder, *name, true), (*folder, *name, false)])
            }) {
                assert_eq!(
                    tree.excludes(&[], &[folder, name], is_directory),
                    tree.excludes_name(name, is_directory),
                    "{rules:?} {folder}/{name}"
                );
            }
        }
    }

    #[test]
    fn an_ignore_file_anywhere_replaces_the_defaults() {
        let paths = [
            (".git/config", ""),
            (".github/ci.yaml", ""),
            ("a/.sourceignore", "# no\n/x.yaml\n"),
            ("a/x.yaml", ""),
            ("b.png", ""),
            ("b/x.yaml", ""),
        ];
        check(
            &paths,
            "",
            None,
            &[".github/ci.yaml", "a/.sourceignore", "b/x.yaml", "b.png"],
        );
    }

    #[test]
    fn buckets_and_copied_layers_have_other_rules() {
        let paths = [
            (".git/config", ""),
            (".github/ci.yaml", ""),
            (".gitignore", ""),
            (".sourceignore", "/a.yaml\n"),
            ("a.yaml", ""),
            ("b.yaml", ""),
            ("b/.sourceignore", "/x.yaml\n"),
            ("b/x.yaml", ""),
        ];
        let check = |rules, expected: &[&str]| {
            let memory: MemoryTree = paths.into_iter().collect();
            let tree = ArtifactTree::with_rules(Arc::new(memory), RepoPath::root(), rules, Some("/b.yaml\n"));
            assert_eq!(files(&tree), expected, "{rules:?}");
        };
        let ignore_files = [".sourceignore", "b/.sourceignore"];
        let [top, below] = ignore_files;
        check(Rules::Archive, &[".github/ci.yaml", top, below]);
        check(
            Rules::Bucket,
            &[".github/ci.yaml", ".gitignore", top, below, "b/x.yaml"],
        );
        check(
            Rules::Copy,
            &[
                ".github/ci.yaml",
                ".gitignore",
                top,
                "a.yaml",
                below,
                "b/x.yaml",
                "b.yaml",
            ],
        );
        check(Rules::Generated, &[top, "a.yaml", below, "b/x.yaml", "b.yaml"]);
    }

    #[test]
    fn an_included_file_brings_its_folder_back() {
        let paths = [
            (".sourceignore", "/*\n!/apps/\n"),
            ("apps/x.yaml", ""),
            ("docs/x.md", ""),
        ];
        check(&paths, "", None, &["apps/x.yaml"]);
        check(&paths, "", Some("!/docs\n"), &["apps/x.yaml", "docs/x.md"]);
    }

    #[test]
    fn a_sub_folder_may_be_the_artifact() {
        let paths = [
            ("k/a.yaml", "x"),
            ("k/.sourceignore", "/b.yaml"),
            ("k/b.yaml", ""),
            ("t.tf", ""),
        ];
        let memory: MemoryTree = paths.iter().copied().collect();
        let tree = ArtifactTree::new(Arc::new(memory), "k".into(), None);
        assert_eq!(files(&tree), [".sourceignore", "a.yaml"]);
        assert_eq!(&*tree.read(&"a.yaml".into()).unwrap(), b"x");
        assert!(tree.read(&"b.yaml".into()).is_err());
        assert_eq!(tree.provenance(&"a.yaml".into()), RepoPath::new("k/a.yaml"));
    }

    #[test]
    fn an_ignore_file_may_be_a_link_and_a_folder_that_is_one_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let link = |to: &str, path: &str| std::os::unix::fs::symlink(to, folder.path().join(path)).unwrap();
        for path in [
            "a.yaml", "b.yaml", "c.yaml", "x/a.yaml", "x/b.yaml", "x/c.yaml", "y/b.yaml",
        ] {
            write(path, "");
        }
        write("ignore", "/b.yaml\n");
        write("elsewhere/.sourceignore", "/c.yaml\n");
        link("ignore", IGNORE_FILE);
        link("../elsewhere/.sourceignore", "x/.sourceignore");
        link("../gone", "y/.sourceignore");
        link("elsewhere", "linked");
        let folder = camino::Utf8Path::from_path(folder.path()).unwrap();
        let disk = source_tree::DiskTree::open(folder).unwrap();
        let tree = ArtifactTree::new(Arc::new(disk), "".into(), None);
        let kept = [
            "a.yaml",
            "c.yaml",
            "elsewhere/.sourceignore",
            "ignore",
            "x/a.yaml",
            "x/b.yaml",
            "y/b.yaml",
        ];
        assert_eq!(files(&tree), kept);
    }
}

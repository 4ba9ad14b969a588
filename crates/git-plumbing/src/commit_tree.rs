//! A [`SourceTree`] of a commit, whose files are read on demand.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use camino::Utf8Path;
use foldhash::HashMap;
use source_tree::{EntryKind, RepoPath, SourceTree, TreeError};

use crate::committed::start;
use crate::objects::{Content, Objects};
use crate::process::{Input, NoAnswer};
use crate::tree_object::{Entry, Folder};

/// Most links on the way to a file, as on Linux.
const MOST_LINKS: usize = 40;
/// Longest target of a link, in bytes.
const LONGEST_LINK: u64 = 4096;
/// Largest listing of one folder, in bytes.
const LARGEST_FOLDER: u64 = 64 << 20;
/// Suffixes of files that are read together, since readers of one file read the others of its folder, too.
const READ_TOGETHER: [&str; 2] = [".yaml", ".yml"];

/// The files of a commit below a folder, with their bytes as committed.
///
/// Nothing is written to disk. Links are followed within the tree; one that leads out of it is listed as a file and refused when it
/// is read, as on disk. Submodules are missing.
pub struct CommitTree {
    /// Largest file that is read, in bytes.
    limit: u64,
    /// The object of the top folder.
    root: String,
    /// Length of an object's name, in bytes.
    id_bytes: usize,
    objects: Objects,
    folders: RwLock<HashMap<RepoPath, Arc<Folder>>>,
}

impl CommitTree {
    /// Opens a commit of the repository that contains `folder`, by the name that [`commit`](crate::commit) returns. Of a file over
    /// `limit` bytes only the size is read.
    ///
    /// # Errors
    /// [`NoAnswer`] if the folder is in no repository.
    pub fn open(folder: &Utf8Path, commit: &str, limit: u64) -> Result<Self, NoAnswer> {
        let below = start(folder, &["rev-parse", "--show-prefix"], Input::Nothing)?.answer()?;
        let below = String::from_utf8_lossy(&below).trim_end_matches('\n').to_owned();
        Ok(CommitTree {
            limit,
            root: format!("{commit}:{below}"),
            id_bytes: commit.len() / 2,
            objects: Objects::new(folder),
            folders: RwLock::default(),
        })
    }

    /// Why a file of the commit could not be read, if that happened: results of the tree are then incomplete.
    pub fn unread(&self) -> Option<&NoAnswer> {
        self.objects.failure()
    }

    /// The folder at a path without links, and with this object.
    fn folder(&self, path: &RepoPath, object: &str) -> Result<Arc<Folder>, TreeError> {
        if let Some(folder) = read(&self.folders).get(path) {
            return Ok(Arc::clone(folder));
        }
        let beside = self.folders_beside(path);
        let folder = match self.objects.content(object, "tree", LARGEST_FOLDER, &beside) {
            Ok(Content::Bytes(bytes)) => Folder::parse(&bytes, self.id_bytes),
            Ok(Content::TooLarge(bytes)) => Err(NoAnswer(format!("it is a folder of {bytes} bytes"))),
            Err(error) => Err(error),
        };
        let folder = Arc::new(folder.map_err(|error| self.failed(path, error))?);
        write(&self.folders).insert(path.clone(), Arc::clone(&folder));
        Ok(folder)
    }

    /// Resolves all links of `path`, and returns the real path and its object.
    fn look_up(&self, path: &RepoPath) -> Result<(RepoPath, Found), TreeError> {
        let not_found = || TreeError::NotFound { path: path.clone() };
        if path.is_too_long() {
            return Err(not_found());
        }
        let mut rest: Vec<String> = path.parts().rev().map(str::to_owned).collect();
        // The resolved path from the root, each part with its object.
        let mut resolved = vec![(RepoPath::root(), Found::Folder(self.root.clone()))];
        let mut links = 0;
        while let Some(part) = rest.pop() {
            let Some((real, Found::Folder(object))) = resolved.last() else {
                return Err(TreeError::NotDirectory { path: path.clone() });
            };
            if part == ".." {
                resolved.pop();
                if resolved.is_empty() {
                    return Err(TreeError::Escapes { path: path.clone() });
                }
                continue;
            }
            let folder = self.folder(real, object)?;
            match folder.get(&part).ok_or_else(not_found)? {
                Entry::Folder(object) => resolved.push((real.join(&part), Found::Folder(object.clone()))),
                Entry::File(object) => resolved.push((real.join(&part), Found::File(object.clone()))),
                Entry::Link(object) => {
                    links += 1;
                    let to = self.link(path, object)?;
                    if links > MOST_LINKS {
                        return Err(TreeError::Io {
                            path: path.clone(),
                            message: "too many levels of symbolic links".to_owned(),
                        });
                    }
                    if to.starts_with('/') {
                        return Err(TreeError::Escapes { path: path.clone() });
                    }
                    let parts = to.split('/').rev().filter(|part| !matches!(*part, "" | "."));
                    rest.extend(parts.map(str::to_owned));
                }
            }
        }
        resolved.pop().ok_or_else(not_found)
    }

    /// The target of a link.
    fn link(&self, path: &RepoPath, object: &str) -> Result<String, TreeError> {
        let text = match self.objects.content(object, "blob", LONGEST_LINK, &[]) {
            Ok(Content::Bytes(bytes)) => String::from_utf8(bytes.to_vec()).ok(),
            Ok(Content::TooLarge(_)) => None,
            Err(error) => return Err(self.failed(path, error)),
        };
        text.ok_or_else(|| TreeError::NotFound { path: path.clone() })
    }

    fn failed(&self, path: &RepoPath, error: NoAnswer) -> TreeError {
        let reason = error.to_string();
        self.objects.give_up(NoAnswer(format!("{path}: {reason}")));
        TreeError::Elsewhere {
            path: path.clone(),
            reason,
        }
    }

    /// The objects of the folders in the parent of a folder.
    fn folders_beside(&self, path: &RepoPath) -> Vec<String> {
        self.beside(path, |_, entry| match entry {
            Entry::Folder(object) => Some(object),
            _ => None,
        })
    }

    /// The objects of the files beside a file that are most likely read next.
    fn files_beside(&self, path: &RepoPath) -> Vec<String> {
        let is_read = |name: &str| READ_TOGETHER.iter().any(|ending| name.ends_with(ending));
        if !is_read(path.as_str()) {
            return Vec::new();
        }
        self.beside(path, |name, entry| match entry {
            Entry::File(object) if is_read(name) => Some(object),
            _ => None,
        })
    }

    /// The chosen objects in the parent of a path, if that was read.
    fn beside(
        &self,
        path: &RepoPath,
        choose: impl for<'e> Fn(&str, &'e Entry) -> Option<&'e String>,
    ) -> Vec<String> {
        let parent = path.parent();
        let parent = parent.and_then(|parent| read(&self.folders).get(&parent).cloned());
        let beside = parent.iter().flat_map(|parent| parent.iter());
        beside
            .filter_map(|(name, entry)| choose(name, entry).cloned())
            .collect()
    }

    /// The entries of a folder; `link` returns the kind of a link.
    fn entries(
        &self,
        path: &RepoPath,
        link: impl Fn(&RepoPath) -> Option<EntryKind>,
    ) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let (real, Found::Folder(object)) = self.look_up(path)? else {
            return Err(TreeError::NotDirectory { path: path.clone() });
        };
        let folder = self.folder(&real, &object)?;
        let kind = |(name, entry): (&str, &Entry)| match entry {
            Entry::Folder(_) => Some(EntryKind::Directory),
            Entry::File(_) => Some(EntryKind::File),
            Entry::Link(_) => link(&path.join(name)),
        };
        Ok(folder
            .iter()
            .filter_map(|entry| Some((entry.0.to_owned(), kind(entry)?)))
            .collect())
    }
}

impl SourceTree for CommitTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let (real, Found::File(object)) = self.look_up(path)? else {
            return Err(TreeError::IsDirectory { path: path.clone() });
        };
        let beside = self.files_beside(&real);
        match self.objects.content(&object, "blob", self.limit, &beside) {
            Ok(Content::Bytes(bytes)) => Ok(bytes),
            Ok(Content::TooLarge(bytes)) => Err(TreeError::TooLarge {
                path: path.clone(),
                bytes,
                limit: self.limit,
            }),
            Err(error) => Err(self.failed(path, error)),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.entries(path, |path| match self.look_up(path) {
            Err(TreeError::Escapes { .. }) => Some(EntryKind::File),
            found => Some(found.ok()?.1.kind()),
        })
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.entries(path, |_| None)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        Some(self.look_up(path).ok()?.1.kind())
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.look_up(path).map(|(real, _)| real)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        path.clone()
    }
}

/// The object at a path.
enum Found {
    Folder(String),
    File(String),
}

impl Found {
    fn kind(&self) -> EntryKind {
        match self {
            Found::Folder(_) => EntryKind::Directory,
            Found::File(_) => EntryKind::File,
        }
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use camino::Utf8PathBuf;

    use super::*;
    use crate::commit;

    /// A repository of a few files and links, and its commit.
    fn repository(format: &str) -> (tempfile::TempDir, Utf8PathBuf, String) {
        let temporary = tempfile::tempdir().unwrap();
        let top = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).unwrap();
        fs::create_dir_all(top.join("gitops/apps/web")).unwrap();
        fs::write(top.join("gitops/apps/web/a.yaml"), "a: 1\n").unwrap();
        fs::create_dir_all(top.join("gitops/more")).unwrap();
        for (name, length) in [("a", 10), ("b", 5_000), ("c", 10), ("d", 6_000), ("e", 10)] {
            fs::write(top.join(format!("gitops/more/{name}.yaml")), name.repeat(length)).unwrap();
        }
        fs::write(top.join("gitops/apps/b.yaml"), "b: 1\n").unwrap();
        fs::write(top.join("gitops/apps/big.bin"), "x".repeat(5_000)).unwrap();
        symlink("web/a.yaml", top.join("gitops/apps/inside")).unwrap();
        symlink("../apps/./web", top.join("gitops/apps/folder")).unwrap();
        symlink("../../outside", top.join("gitops/apps/out")).unwrap();
        symlink("/etc/passwd", top.join("gitops/apps/absolute")).unwrap();
        symlink("loop", top.join("gitops/apps/loop")).unwrap();
        symlink("nothing", top.join("gitops/apps/dangling")).unwrap();
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@example.org",
                "-C",
                top.as_str(),
            ]);
            assert!(command.args(arguments).status().unwrap().success());
        };
        git(&["init", "-q", "--object-format", format]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "one"]);
        let gitops = top.join("gitops");
        let commit = commit(&gitops, "HEAD").unwrap();
        // What the commit holds is no longer in the working tree.
        fs::remove_dir_all(gitops.join("apps")).unwrap();
        fs::remove_dir_all(gitops.join("more")).unwrap();
        (temporary, gitops, commit)
    }

    #[test]
    fn files_of_a_commit_below_a_folder() {
        for format in ["sha1", "sha256"] {
            let (_temporary, folder, commit) = repository(format);
            let tree = CommitTree::open(&folder, &commit, 1_000).unwrap();
            let read = |path: &str| tree.read(&path.into());
            assert_eq!(&*read("apps/web/a.yaml").unwrap(), b"a: 1\n");
            assert_eq!(&*read("apps/inside").unwrap(), b"a: 1\n");
            assert_eq!(&*read("apps/folder/a.yaml").unwrap(), b"a: 1\n");
            assert!(matches!(
                read("apps/big.bin"),
                Err(TreeError::TooLarge { bytes: 5_000, .. })
            ));
            // After a file that was too large, Git is asked further.
            assert_eq!(&*read("apps/b.yaml").unwrap(), b"b: 1\n");
            assert!(matches!(read("apps"), Err(TreeError::IsDirectory { .. })));
            assert!(matches!(read("apps/none"), Err(TreeError::NotFound { .. })));
            assert!(matches!(
                read("apps/b.yaml/c"),
                Err(TreeError::NotDirectory { .. })
            ));
            assert_eq!(tree.canonicalize(&"apps/folder".into()), Ok("apps/web".into()));
            assert!(tree.unread().is_none());
        }
    }

    #[test]
    fn files_of_one_folder_are_asked_for_together() {
        let (_temporary, folder, commit) = repository("sha1");
        let tree = CommitTree::open(&folder, &commit, 1_000).unwrap();
        for _ in 0..2 {
            for name in ["e", "d", "c", "b", "a"] {
                let found = tree.read(&format!("more/{name}.yaml").into());
                match name {
                    "b" | "d" => assert!(matches!(found, Err(TreeError::TooLarge { .. })), "{name}"),
                    _ => assert_eq!(&*found.unwrap(), name.repeat(10).as_bytes()),
                }
            }
        }
        assert!(tree.unread().is_none());
    }

    #[test]
    fn links_do_not_leave_the_folder() {
        let (_temporary, folder, commit) = repository("sha1");
        let tree = CommitTree::open(&folder, &commit, 1_000).unwrap();
        for path in ["apps/out", "apps/absolute"] {
            assert!(
                matches!(tree.read(&path.into()), Err(TreeError::Escapes { .. })),
                "{path}"
            );
        }
        assert!(matches!(
            tree.read(&"apps/loop".into()),
            Err(TreeError::Io { .. })
        ));
        let names =
            |list: Vec<(String, EntryKind)>| list.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let apps = RepoPath::new("apps");
        assert_eq!(
            names(tree.list(&apps).unwrap()),
            ["absolute", "b.yaml", "big.bin", "folder", "inside", "out", "web"]
        );
        assert_eq!(
            names(tree.list_without_links(&apps).unwrap()),
            ["b.yaml", "big.bin", "web"]
        );
        assert_eq!(tree.kind(&"apps/folder".into()), Some(EntryKind::Directory));
    }

    #[test]
    fn what_a_clone_lacks_is_said() {
        let (_temporary, folder, commit) = repository("sha1");
        let blob = tree_file(&folder, &commit);
        fs::remove_file(blob).unwrap();
        let tree = CommitTree::open(&folder, &commit, 1_000).unwrap();
        assert!(matches!(
            tree.read(&"apps/b.yaml".into()),
            Err(TreeError::Elsewhere { .. })
        ));
        let reason = tree.unread().unwrap().to_string();
        assert_eq!(
            reason,
            "apps/b.yaml: it is not in this clone, and nothing is fetched"
        );
    }

    /// Where Git keeps `apps/b.yaml`.
    fn tree_file(folder: &Utf8Path, commit: &str) -> Utf8PathBuf {
        let tree = CommitTree::open(folder, commit, 1_000).unwrap();
        let (_, Found::File(object)) = tree.look_up(&"apps/b.yaml".into()).unwrap() else {
            panic!("no file");
        };
        let (start, rest) = object.split_at(2);
        folder.join("../.git/objects").join(start).join(rest)
    }
}

//! A [`SourceTree`] over a folder on disk, which no path and no symlink leaves.

use std::fs;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::confined::{ConfinedFolder, OnDisk};
use crate::regular_file::irregular;
use crate::{EntryKind, Limits, RepoPath, SourceTree, TreeError};

/// Bytes of files that are kept in memory at most; what is read beyond that is read again when it is asked for again.
const KEPT_BYTES: u64 = 256 << 20;

/// A folder on disk. What lies outside of it does not exist, also by symlink.
///
/// Folders and files are read once and kept, so that all stages of a run see one state of them.
#[derive(Debug)]
pub struct DiskTree {
    root: ConfinedFolder,
    limits: Limits,
    /// The real places of folders.
    real_dirs: Cache<Option<RepoPath>>,
    /// What folders hold, by real place.
    folders: Cache<Arc<[Entry]>>,
    /// By real place of a folder: the first name that was asked for in it, and what stands there.
    asked: Cache<Arc<[Entry]>>,
    /// Contents, by real place.
    files: Cache<Arc<[u8]>>,
    file_bytes: AtomicU64,
}

/// A name in a folder, and its kind as the folder lists it.
type Entry = (String, OnDisk);

/// What was looked up once.
#[derive(Debug, Default)]
struct Cache<T>(RwLock<HashMap<RepoPath, T>>);

impl<T: Clone> Cache<T> {
    fn get(&self, path: &RepoPath) -> Option<T> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(path).cloned()
    }

    fn put(&self, path: RepoPath, value: T) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(path, value);
    }
}

impl DiskTree {
    /// Opens a folder with default [`Limits`].
    ///
    /// # Errors
    /// [`TreeError`] where `root` is no folder that can be read, or its real path is not UTF-8.
    pub fn open(root: &Utf8Path) -> Result<Self, TreeError> {
        DiskTree::with_limits(root, Limits::default())
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// As [`DiskTree::open`].
    pub fn with_limits(root: &Utf8Path, limits: Limits) -> Result<Self, TreeError> {
        let path = RepoPath::root();
        let real = root.canonicalize_utf8().map_err(|e| tree_error(&path, &e))?;
        if !real.is_dir() {
            return Err(TreeError::NotDirectory { path });
        }
        let root = ConfinedFolder::open(real).map_err(|e| tree_error(&path, &e))?;
        Ok(DiskTree {
            root,
            limits,
            real_dirs: Cache::default(),
            folders: Cache::default(),
            asked: Cache::default(),
            files: Cache::default(),
            file_bytes: AtomicU64::new(0),
        })
    }

    /// The real path of the folder.
    pub fn root(&self) -> &Utf8Path {
        self.root.path()
    }

    fn on_disk(&self, path: &RepoPath) -> Utf8PathBuf {
        if path.is_root() {
            self.root().to_owned()
        } else {
            self.root().join(path.as_str())
        }
    }

    /// Resolves all links of `path`.
    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.look_up(path).map(|(real, _)| real)
    }

    /// Resolves all links of `path`, with what stands there where that is known by then.
    fn look_up(&self, path: &RepoPath) -> Result<(RepoPath, Option<OnDisk>), TreeError> {
        let Some(parent) = path.parent() else {
            return Ok((path.clone(), Some(OnDisk::Plain(EntryKind::Directory))));
        };
        let not_found = || TreeError::NotFound { path: path.clone() };
        if path.is_too_long() {
            return Err(not_found());
        }
        let real_parent = self.resolve_dir(&parent).ok_or_else(not_found)?;
        let name = path.file_name().unwrap_or_default();
        let plain = match real_parent == parent {
            true => path.clone(),
            false => real_parent.join(name),
        };
        if let Some(folder) = self.listing(&real_parent, name) {
            match folder.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                Ok(index) if folder[index].1 != OnDisk::Link => return Ok((plain, Some(folder[index].1))),
                Ok(_) => {}
                // Some file systems know a name in any case, or written in another way.
                Err(_) if is_absent(&folder, name) => return Err(not_found()),
                Err(_) => {}
            }
        }
        let disk = self.on_disk(&plain);
        let metadata = fs::symlink_metadata(&disk).map_err(|e| tree_error(path, &e))?;
        if !metadata.file_type().is_symlink() {
            let kind = OnDisk::from_std(metadata.file_type());
            self.asked.put(real_parent, Arc::from([(name.to_owned(), kind)]));
            return Ok((plain, Some(kind)));
        }
        let real = disk.canonicalize_utf8().map_err(|e| tree_error(path, &e))?;
        match real.strip_prefix(self.root()) {
            Ok(below) => Ok((RepoPath::new(below.as_str()), None)),
            Err(_) => Err(TreeError::Escapes { path: path.clone() }),
        }
    }

    /// What a folder holds, where that is known; or no more of it than `name`. To read a folder takes as long as to ask for
    /// two of its names, so it is read when a second one is asked for.
    fn listing(&self, real_dir: &RepoPath, name: &str) -> Option<Arc<[Entry]>> {
        let known = self.folders.get(real_dir);
        if known.is_some() {
            return known;
        }
        let first = self.asked.get(real_dir)?;
        if first.iter().any(|(known, _)| known == name) {
            return Some(first);
        }
        self.folder(real_dir, real_dir).ok()
    }

    /// What a link leads to. One that leaves the tree is listed as a file, so that its reader is told.
    fn kind_of_link(&self, path: &RepoPath) -> Option<EntryKind> {
        match self.resolve(path) {
            Err(TreeError::Escapes { .. }) => Some(EntryKind::File),
            _ => self.kind(path),
        }
    }

    fn resolve_dir(&self, dir: &RepoPath) -> Option<RepoPath> {
        if dir.is_root() {
            return Some(dir.clone());
        }
        if let Some(known) = self.real_dirs.get(dir) {
            return known;
        }
        let real = self.resolve(dir).ok();
        self.real_dirs.put(dir.clone(), real.clone());
        real
    }

    /// What a folder holds, sorted by name. `path` is what was asked for, `real` where it stands.
    fn folder(&self, path: &RepoPath, real: &RepoPath) -> Result<Arc<[Entry]>, TreeError> {
        if let Some(kept) = self.folders.get(real) {
            return Ok(kept);
        }
        let mut entries = self.root.list(real.as_str()).map_err(|e| tree_error(path, &e))?;
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let entries: Arc<[Entry]> = entries.into();
        self.folders.put(real.clone(), Arc::clone(&entries));
        Ok(entries)
    }

    /// The entries of a folder; `link` says what a link is. A pipe or socket is listed as a file: no artifact holds one, and
    /// whoever reads it is told so.
    fn entries(
        &self,
        path: &RepoPath,
        link: impl Fn(&RepoPath) -> Option<EntryKind>,
    ) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let real = self.resolve(path)?;
        let folder = self.folder(path, &real)?;
        let kind = |(name, kind): &Entry| match kind {
            OnDisk::Link => link(&path.join(name)),
            kind => kind.entry_kind(),
        };
        Ok(folder
            .iter()
            .filter_map(|entry| Some((entry.0.clone(), kind(entry)?)))
            .collect())
    }
}

impl SourceTree for DiskTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let (real, kind) = self.look_up(path)?;
        if let Some(kept) = self.files.get(&real) {
            return Ok(kept);
        }
        if let Some(OnDisk::Special(what)) = kind {
            return Err(tree_error(path, &irregular(what)));
        }
        let (file, metadata) = self.root.file(real.as_str()).map_err(|e| tree_error(path, &e))?;
        let (length, limit) = (metadata.len(), self.limits.file_bytes);
        if length > limit {
            return Err(TreeError::TooLarge {
                path: path.clone(),
                bytes: length,
                limit,
            });
        }
        // What is added to it from now on is no part of it: to ask for more would take as long as the reading.
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.take(length)
            .read_to_end(&mut bytes)
            .map_err(|e| tree_error(path, &e))?;
        let bytes: Arc<[u8]> = bytes.into();
        if self.file_bytes.fetch_add(length, Ordering::Relaxed) < KEPT_BYTES {
            self.files.put(real, Arc::clone(&bytes));
        }
        Ok(bytes)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.entries(path, |path| self.kind_of_link(path))
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.entries(path, |_| None)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        let (real, kind) = self.look_up(path).ok()?;
        let kind = match kind {
            Some(kind) => kind,
            // A link: look at its target.
            None => OnDisk::from_std(fs::symlink_metadata(self.on_disk(&real)).ok()?.file_type()),
        };
        kind.entry_kind()
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.resolve(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        path.clone()
    }
}

/// Whether no file system finds `name` in a folder.
fn is_absent(folder: &[Entry], name: &str) -> bool {
    name.is_ascii() && !folder.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn tree_error(path: &RepoPath, error: &io::Error) -> TreeError {
    let path = path.clone();
    match error.kind() {
        io::ErrorKind::NotFound => TreeError::NotFound { path },
        io::ErrorKind::NotADirectory => TreeError::NotDirectory { path },
        io::ErrorKind::IsADirectory => TreeError::IsDirectory { path },
        _ => TreeError::Io {
            path,
            message: error.to_string(),
        },
    }
}

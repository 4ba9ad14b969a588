//! A [`SourceTree`] over a folder on disk that no path and no symlink leaves.

use std::fs;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::confined::{ConfinedFolder, OnDisk};
use crate::regular_file::irregular;
use crate::{EntryKind, Limits, RepoPath, SourceTree, TreeError};

/// Most bytes of files that are cached. Files beyond that are read from disk every time.
const MAX_CACHED_BYTES: u64 = 256 << 20;

/// A folder on disk. Nothing outside of it exists, even by symlink.
///
/// Folders and files are read once and cached, so that all stages of a run see the same state.
#[derive(Debug)]
pub struct DiskTree {
    root: ConfinedFolder,
    limits: Limits,
    /// The real paths of folders.
    real_dirs: Cache<Option<RepoPath>>,
    /// The entries of folders, by real path.
    folders: Cache<Arc<[Entry]>>,
    /// The first entry that was looked up in a folder, by real path of the folder.
    first_entries: Cache<Arc<[Entry]>>,
    /// Contents, by real path.
    files: Cache<Arc<[u8]>>,
    file_bytes: AtomicU64,
}

/// A name in a folder, and its kind as the folder lists it.
type Entry = (String, OnDisk);

/// Results by path.
#[derive(Debug, Default)]
struct Cache<T>(RwLock<HashMap<RepoPath, T>>);

impl<T: Clone> Cache<T> {
    fn get(&self, path: &str) -> Option<T> {
        let cached = self.0.read().unwrap_or_else(PoisonError::into_inner);
        cached.get(path).cloned()
    }

    fn put(&self, path: RepoPath, value: T) {
        let mut cached = self.0.write().unwrap_or_else(PoisonError::into_inner);
        cached.insert(path, value);
    }
}

impl DiskTree {
    /// Opens a folder with default [`Limits`].
    ///
    /// # Errors
    /// [`TreeError`] if `root` is not a readable folder, or its real path is not UTF-8.
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
            first_entries: Cache::default(),
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

    /// Resolves all links of `path`. Also returns the kind of the entry if that is known by then.
    fn look_up(&self, path: &RepoPath) -> Result<(RepoPath, Option<OnDisk>), TreeError> {
        let Some((parent, name)) = path.folder_and_name() else {
            return Ok((path.clone(), Some(OnDisk::Plain(EntryKind::Directory))));
        };
        let not_found = || TreeError::NotFound { path: path.clone() };
        if path.is_too_long() {
            return Err(not_found());
        }
        let real_parent = self.resolve_dir(parent).ok_or_else(not_found)?;
        let plain = match real_parent.as_str() == parent {
            true => path.clone(),
            false => real_parent.join(name),
        };
        if let Some(folder) = self.listing(&real_parent, name) {
            match folder.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                Ok(index) if folder[index].1 != OnDisk::Link => return Ok((plain, Some(folder[index].1))),
                Ok(_) => {}
                // Some file systems find a name in any case, or in another Unicode form.
                Err(_) if is_absent(&folder, name) => return Err(not_found()),
                Err(_) => {}
            }
        }
        let disk = self.on_disk(&plain);
        let metadata = fs::symlink_metadata(&disk).map_err(|e| tree_error(path, &e))?;
        if !metadata.file_type().is_symlink() {
            let kind = OnDisk::from_std(metadata.file_type());
            self.first_entries
                .put(real_parent, Arc::from([(name.to_owned(), kind)]));
            return Ok((plain, Some(kind)));
        }
        let real = disk.canonicalize_utf8().map_err(|e| tree_error(path, &e))?;
        match real.strip_prefix(self.root()) {
            Ok(below) => Ok((RepoPath::new(below.as_str()), None)),
            Err(_) => Err(TreeError::Escapes { path: path.clone() }),
        }
    }

    /// The known entries of a folder: all of them, or only `name`. Reading a folder costs as much as looking up two of
    /// its names, so it is read when a second one is needed.
    fn listing(&self, real_dir: &RepoPath, name: &str) -> Option<Arc<[Entry]>> {
        let known = self.folders.get(real_dir.as_str());
        if known.is_some() {
            return known;
        }
        let first = self.first_entries.get(real_dir.as_str())?;
        if first.iter().any(|(known, _)| known == name) {
            return Some(first);
        }
        self.folder(real_dir, real_dir).ok()
    }

    /// The kind of the target of a link. One that leaves the tree is listed as a file, so that reading it is an error.
    fn kind_of_link(&self, path: &RepoPath) -> Option<EntryKind> {
        match self.resolve(path) {
            Err(TreeError::Escapes { .. }) => Some(EntryKind::File),
            _ => self.kind(path),
        }
    }

    fn resolve_dir(&self, dir: &str) -> Option<RepoPath> {
        if dir.is_empty() {
            return Some(RepoPath::root());
        }
        if let Some(known) = self.real_dirs.get(dir) {
            return known;
        }
        let dir = RepoPath::new(dir);
        let real = self.resolve(&dir).ok();
        self.real_dirs.put(dir, real.clone());
        real
    }

    /// The entries of a folder, sorted by name. `path` is the requested path, for errors; `real` is the resolved one.
    fn folder(&self, path: &RepoPath, real: &RepoPath) -> Result<Arc<[Entry]>, TreeError> {
        if let Some(cached) = self.folders.get(real.as_str()) {
            return Ok(cached);
        }
        let mut entries = self.root.list(real.as_str()).map_err(|e| tree_error(path, &e))?;
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let entries: Arc<[Entry]> = entries.into();
        self.folders.put(real.clone(), Arc::clone(&entries));
        Ok(entries)
    }

    /// The entries of a folder; `link` gives the kind of a link. A pipe or socket is listed as a file, so that reading
    /// it is an error: no artifact holds one.
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
        // A path that is the real path of a file that was read leads to that file.
        if let Some(cached) = self.files.get(path.as_str()) {
            return Ok(cached);
        }
        let (real, kind) = self.look_up(path)?;
        if real != *path
            && let Some(cached) = self.files.get(real.as_str())
        {
            return Ok(cached);
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
        // Reads no further than the length seen: a call that finds the end of the file would take as long as the
        // reading.
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.take(length)
            .read_to_end(&mut bytes)
            .map_err(|e| tree_error(path, &e))?;
        let bytes: Arc<[u8]> = bytes.into();
        if self.file_bytes.fetch_add(length, Ordering::Relaxed) < MAX_CACHED_BYTES {
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

/// Whether a folder lacks `name` on any file system, also on one that ignores case.
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

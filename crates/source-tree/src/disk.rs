//! A folder on disk turns into a [`SourceTree`] that no path and no symlink leaves.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};

use crate::{EntryKind, Limits, RepoPath, SourceTree, TreeError};

/// Bytes of files that are kept in memory at most; what is read beyond that is read again when it is asked for again.
const KEPT_BYTES: u64 = 256 << 20;

/// A folder on disk. What lies outside of it does not exist, also by symlink.
///
/// Folders and files are read once and kept, so that all stages of a run see one state of them.
#[derive(Debug)]
pub struct DiskTree {
    root: Utf8PathBuf,
    limits: Limits,
    /// The real places of folders.
    real_dirs: Kept<Option<RepoPath>>,
    /// What folders hold, by real place.
    folders: Kept<Arc<[Entry]>>,
    /// Contents, by real place.
    files: Kept<Arc<[u8]>>,
    file_bytes: AtomicU64,
}

/// A name in a folder, as the folder states it.
#[derive(Debug)]
struct Entry {
    name: String,
    /// None for what is neither file nor folder itself, such as a symlink.
    kind: Option<EntryKind>,
}

/// What was looked up once.
#[derive(Debug)]
struct Kept<T>(RwLock<HashMap<RepoPath, T>>);

impl<T: Clone> Kept<T> {
    fn new() -> Self {
        Kept(RwLock::default())
    }

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
        Ok(DiskTree {
            root: real,
            limits,
            real_dirs: Kept::new(),
            folders: Kept::new(),
            files: Kept::new(),
            file_bytes: AtomicU64::new(0),
        })
    }

    /// The real path of the folder.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    fn on_disk(&self, path: &RepoPath) -> Utf8PathBuf {
        if path.is_root() {
            self.root.clone()
        } else {
            self.root.join(path.as_str())
        }
    }

    /// Resolves all links of `path`, asking the system once per folder.
    fn resolve(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        let Some(parent) = path.parent() else {
            return Ok(path.clone());
        };
        let real_parent = self
            .resolve_dir(&parent)
            .ok_or_else(|| TreeError::NotFound { path: path.clone() })?;
        let name = path.file_name().unwrap_or_default();
        let plain = real_parent.join(name);
        if self.listed(&real_parent, name).is_some() {
            return Ok(plain);
        }
        let disk = self.on_disk(&plain);
        let metadata = fs::symlink_metadata(&disk).map_err(|e| tree_error(path, &e))?;
        if !metadata.file_type().is_symlink() {
            return Ok(plain);
        }
        let real = disk.canonicalize_utf8().map_err(|e| tree_error(path, &e))?;
        match real.strip_prefix(&self.root) {
            Ok(below) => Ok(RepoPath::new(below.as_str())),
            Err(_) => Err(TreeError::Escapes { path: path.clone() }),
        }
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

    /// What a folder that was read says of a name, where that is a file or a folder.
    fn listed(&self, real_dir: &RepoPath, name: &str) -> Option<EntryKind> {
        let folder = self.folders.get(real_dir)?;
        let index = folder
            .binary_search_by(|entry| entry.name.as_str().cmp(name))
            .ok()?;
        folder.get(index)?.kind
    }

    /// What a folder holds, sorted by name. `path` is what was asked for, `real` where it stands.
    fn folder(&self, path: &RepoPath, real: &RepoPath) -> Result<Arc<[Entry]>, TreeError> {
        if let Some(kept) = self.folders.get(real) {
            return Ok(kept);
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.on_disk(real)).map_err(|e| tree_error(path, &e))? {
            let entry = entry.map_err(|e| tree_error(path, &e))?;
            // A name that is not UTF-8 cannot be written in a kustomization file either.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let file_type = entry.file_type().map_err(|e| tree_error(path, &e))?;
            let kind = if file_type.is_dir() {
                Some(EntryKind::Directory)
            } else {
                file_type.is_file().then_some(EntryKind::File)
            };
            entries.push(Entry { name, kind });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let entries: Arc<[Entry]> = entries.into();
        self.folders.put(real.clone(), Arc::clone(&entries));
        Ok(entries)
    }

    /// The entries of a folder; `link` says what an entry is that is neither file nor folder itself.
    fn entries(
        &self,
        path: &RepoPath,
        link: impl Fn(&RepoPath) -> Option<EntryKind>,
    ) -> Result<Vec<(String, EntryKind)>, TreeError> {
        let real = self.resolve(path)?;
        let folder = self.folder(path, &real)?;
        let kind = |entry: &Entry| entry.kind.or_else(|| link(&path.join(&entry.name)));
        Ok(folder
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), kind(entry)?)))
            .collect())
    }
}

impl SourceTree for DiskTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        let real = self.resolve(path)?;
        if let Some(kept) = self.files.get(&real) {
            return Ok(kept);
        }
        let file = fs::File::open(self.on_disk(&real)).map_err(|e| tree_error(path, &e))?;
        let metadata = file.metadata().map_err(|e| tree_error(path, &e))?;
        if metadata.is_dir() {
            return Err(TreeError::IsDirectory { path: path.clone() });
        }
        // A pipe or device has no honest length, so it is refused rather than read.
        if !metadata.is_file() {
            return Err(TreeError::Io {
                path: path.clone(),
                message: "not a regular file".into(),
            });
        }
        let limit = self.limits.file_bytes;
        if metadata.len() > limit {
            return Err(TreeError::TooLarge {
                path: path.clone(),
                bytes: metadata.len(),
                limit,
            });
        }
        let length = metadata.len();
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
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
        let real = self.resolve(path).ok()?;
        if let (Some(folder), Some(name)) = (real.parent(), real.file_name())
            && let Some(kind) = self.listed(&folder, name)
        {
            return Some(kind);
        }
        let metadata = fs::symlink_metadata(self.on_disk(&real)).ok()?;
        if metadata.is_dir() {
            Some(EntryKind::Directory)
        } else {
            metadata.is_file().then_some(EntryKind::File)
        }
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.resolve(path)
    }
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

//! The content-addressed cache: a folder of blobs, each named by its digest and never changed.
//!
//! A blob is written to a temporary file, which is renamed once its bytes have the digest. Readers find a whole blob or none, however
//! many programs write and whenever they are killed. Reading checks the digest again, so that a faulty disk gives an error and
//! never wrong content.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use source_tree::regular_file;
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::{Digest, Listing, LockedContent, LockedSource};

/// The folder of blobs in the user's cache.
const FOLDER: &str = "sources";
/// The folder in it for blobs that are being written.
const UNFINISHED: &str = "unfinished";
/// The folder in it for the names that servers have for blobs.
const NOTES: &str = "names";
/// Largest note, in bytes.
const NOTE_BYTES: u64 = 1024;
/// Age of unfinished blobs that a killed program has left.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);
/// Age of the recorded time of use at which a use is recorded again.
const USE_NOTED: Duration = Duration::from_secs(24 * 60 * 60);
/// Largest blob that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// Blobs by digest, in a folder of the user.
#[derive(Clone, Debug)]
pub struct SourceCache {
    folder: Utf8PathBuf,
    now: SystemTime,
}

/// Errors of the cache.
#[derive(Debug, Error)]
pub enum CacheError {
    /// The blob is not in the cache.
    #[error("{digest} is not in the cache {folder}")]
    Missing {
        /// The blob.
        digest: Digest,
        /// The cache.
        folder: Utf8PathBuf,
    },
    /// The bytes of a file do not have the digest in its name.
    #[error("{file} is damaged: its bytes do not have the digest that is its name")]
    Damaged {
        /// The file.
        file: Utf8PathBuf,
    },
    /// New bytes do not have the expected digest.
    #[error("the bytes have the digest {found} and not {expected}")]
    WrongDigest {
        /// The expected digest.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// The cache cannot be read or written.
    #[error("cannot {action} the cache {path}: {error}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file or folder.
        path: Utf8PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

/// The result of [`SourceCache::sweep`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Number of removed blobs.
    pub removed: usize,
    /// Their bytes.
    pub removed_bytes: u64,
    /// Number of kept blobs.
    pub kept: usize,
    /// Their bytes.
    pub kept_bytes: u64,
}

impl std::ops::AddAssign for Swept {
    fn add_assign(&mut self, other: Swept) {
        self.removed += other.removed;
        self.removed_bytes += other.removed_bytes;
        self.kept += other.kept;
        self.kept_bytes += other.kept_bytes;
    }
}

impl SourceCache {
    /// The blobs below a folder of the user's cache, which need not exist yet. `now` is the present time, recorded as the time of
    /// use.
    pub fn new(user_cache: &Utf8Path, now: SystemTime) -> Self {
        SourceCache {
            folder: user_cache.join(FOLDER),
            now,
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// [`CacheError`] if it is missing, damaged, or cannot be read.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>, CacheError> {
        let file = self.file(digest);
        let read = regular_file::read(&file, LARGEST);
        let bytes = read.map_err(|error| self.missing_or_failed(digest, &file, error))?;
        if Digest::of(&bytes) != *digest {
            return Err(CacheError::Damaged { file });
        }
        self.note_use(&file);
        Ok(bytes)
    }

    /// Whether a blob exists and is intact.
    pub fn has(&self, digest: &Digest) -> bool {
        self.read(digest).is_ok()
    }

    /// Whether all content of a line of the lock file exists and is intact.
    pub fn has_source(&self, locked: &LockedSource) -> bool {
        let Ok(bytes) = self.read(&locked.digest) else {
            return false;
        };
        match locked.content {
            LockedContent::Archive | LockedContent::File => true,
            LockedContent::Tree => {
                let listing = Listing::parse(&String::from_utf8_lossy(&bytes));
                listing.is_ok_and(|listing| listing.files().all(|(_, file)| self.has(&file.digest)))
            }
        }
    }

    /// Checks that a blob with a number of bytes exists, without reading it.
    ///
    /// # Errors
    /// [`CacheError`] if it does not.
    pub fn check_is_there(&self, digest: &Digest, bytes: u64) -> Result<(), CacheError> {
        let file = self.file(digest);
        match file.symlink_metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() == bytes => Ok(()),
            Ok(_) => Err(CacheError::Damaged { file }),
            Err(error) => Err(self.missing_or_failed(digest, &file, error)),
        }
    }

    fn missing_or_failed(&self, digest: &Digest, file: &Utf8Path, error: io::Error) -> CacheError {
        match is_absent(&error) {
            true => CacheError::Missing {
                digest: digest.clone(),
                folder: self.folder.clone(),
            },
            false => failed("read", file, error),
        }
    }

    /// The blob that was recorded for a server's name.
    pub fn known_as(&self, name: &str) -> Option<Digest> {
        let file = self.note(name);
        let text = regular_file::read(&file, NOTE_BYTES).ok()?;
        self.note_use(&file);
        Digest::parse(std::str::from_utf8(&text).ok()?.trim_end())
    }

    /// Records a server's name for a blob, such as an address and an entity tag, so that the blob need not be downloaded again. A
    /// failure is ignored, since the note only saves work.
    pub fn note_name(&self, name: &str, digest: &Digest) {
        let write = || -> io::Result<()> {
            let target = self.note(name);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = unfinished(&self.folder.join(UNFINISHED))?;
            file.write_all(digest.as_str().as_bytes())?;
            file.persist(&target)?;
            Ok(())
        };
        let _ = write();
    }

    /// Begins a blob whose bytes are written piece by piece.
    ///
    /// # Errors
    /// [`CacheError::Io`] if the cache cannot be written.
    pub fn begin(&self) -> Result<NewBlob<'_>, CacheError> {
        let folder = self.folder.join(UNFINISHED);
        let file = unfinished(&folder).map_err(|error| failed("write", &folder, error))?;
        Ok(NewBlob {
            cache: self,
            file,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Keeps some bytes.
    ///
    /// # Errors
    /// [`CacheError::Io`] if the cache cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<Digest, CacheError> {
        let digest = Digest::of(bytes);
        if !self.has(&digest) {
            let mut blob = self.begin()?;
            blob.write(bytes)?;
            blob.finish(None)?;
        }
        Ok(digest)
    }

    /// Removes blobs that were not used since a time, and unfinished ones of killed programs.
    ///
    /// # Errors
    /// [`CacheError::Io`] if the cache cannot be read or written.
    pub fn sweep(&self, unused_since: SystemTime) -> Result<Swept, CacheError> {
        let mut swept = Swept::default();
        let abandoned = self.now.checked_sub(ABANDONED).unwrap_or(SystemTime::UNIX_EPOCH);
        for folder in entries(&self.folder)? {
            let is_unfinished = folder.file_name() == Some(UNFINISHED);
            let bound = if is_unfinished { abandoned } else { unused_since };
            for file in entries(&folder)? {
                let metadata = match file.symlink_metadata() {
                    Ok(metadata) => metadata,
                    // Another program may have removed it.
                    Err(error) if is_absent(&error) => continue,
                    Err(error) => return Err(failed("read", &file, error)),
                };
                let used = metadata.modified();
                let used = used.map_err(|error| failed("read", &file, error))?;
                if used >= bound {
                    if !is_unfinished {
                        swept.kept += 1;
                        swept.kept_bytes += metadata.len();
                    }
                    continue;
                }
                match fs::remove_file(&file) {
                    Ok(()) => {}
                    Err(error) if is_absent(&error) => continue,
                    Err(error) => return Err(failed("write", &file, error)),
                }
                swept.removed += 1;
                swept.removed_bytes += metadata.len();
            }
        }
        Ok(swept)
    }

    /// The file of a blob, in one of 256 folders: some file systems are slow with many thousand files in one.
    pub(crate) fn file(&self, digest: &Digest) -> Utf8PathBuf {
        let hex = digest.hex();
        self.folder.join(hex.get(..2).unwrap_or("00")).join(hex)
    }

    fn note(&self, name: &str) -> Utf8PathBuf {
        self.folder.join(NOTES).join(Digest::of(name.as_bytes()).hex())
    }

    /// Records a use for [`SourceCache::sweep`]. A cache that cannot be written is not swept either.
    fn note_use(&self, file: &Utf8Path) {
        let Ok(open) = regular_file::open(file) else {
            return;
        };
        if let Ok(metadata) = open.metadata() {
            self.note_use_of(&open, &metadata);
        }
    }

    /// As [`SourceCache::note_use`], for an open file.
    pub(crate) fn note_use_of(&self, open: &File, metadata: &Metadata) {
        let used = metadata.modified();
        let is_noted = used.is_ok_and(|used| self.now.duration_since(used).is_ok_and(|age| age < USE_NOTED));
        if !is_noted {
            let _ = open.set_modified(self.now);
        }
    }
}

/// A blob that is being written. It leaves nothing if it is dropped before it is finished.
#[derive(Debug)]
pub struct NewBlob<'c> {
    cache: &'c SourceCache,
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

impl NewBlob<'_> {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`CacheError::Io`] if the cache cannot be written, such as on a full disk.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), CacheError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        let written = self.file.write_all(bytes);
        written.map_err(|error| failed("write", &self.cache.folder, error))
    }

    /// Number of bytes so far.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether there are no bytes yet.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The bytes so far.
    ///
    /// # Errors
    /// [`CacheError::Io`] if they cannot be read again.
    pub fn read(&mut self) -> Result<Vec<u8>, CacheError> {
        let path = Utf8Path::from_path(self.file.path()).unwrap_or(&self.cache.folder);
        let read = regular_file::read(path, LARGEST);
        read.map_err(|error| failed("read", path, error))
    }

    /// Puts it into the cache if it has the expected digest.
    ///
    /// # Errors
    /// [`CacheError::WrongDigest`], after which nothing is left of it, and [`CacheError::Io`].
    pub fn finish(self, expected: Option<&Digest>) -> Result<Digest, CacheError> {
        let NewBlob {
            cache, file, hash, ..
        } = self;
        let found = Digest::of_hash(&hash.finalize());
        if let Some(expected) = expected.filter(|expected| **expected != found) {
            return Err(CacheError::WrongDigest {
                expected: expected.clone(),
                found,
            });
        }
        let target = cache.file(&found);
        let write_failed = |error| failed("write", &target, error);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(write_failed)?;
        }
        read_only(file.as_file()).map_err(write_failed)?;
        // This replaces a blob of the same digest, whose bytes are equal or damaged.
        file.persist(&target).map_err(|error| write_failed(error.error))?;
        Ok(found)
    }
}

/// Protects a file against accidental changes, and lets other users of a shared cache read it.
fn read_only(file: &File) -> io::Result<()> {
    let mut permissions = file.metadata()?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        permissions.set_mode(0o444);
    }
    #[cfg(not(unix))]
    permissions.set_readonly(true);
    file.set_permissions(permissions)
}

/// A temporary file for a blob or a note, which is renamed within the cache.
fn unfinished(folder: &Utf8Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    NamedTempFile::new_in(folder)
}

/// The sorted paths in a folder; none if there is no folder.
fn entries(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, CacheError> {
    let read = match folder.read_dir_utf8() {
        Ok(read) => read,
        Err(error) if is_absent(&error) || error.kind() == io::ErrorKind::NotADirectory => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed("read", folder, error)),
    };
    let mut paths = Vec::new();
    for entry in read {
        paths.push(entry.map_err(|error| failed("read", folder, error))?.into_path());
    }
    paths.sort();
    Ok(paths)
}

fn is_absent(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn failed(action: &'static str, path: &Utf8Path, error: io::Error) -> CacheError {
    CacheError::Io {
        action,
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(temporary: &tempfile::TempDir) -> SourceCache {
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        SourceCache::new(folder, SystemTime::now())
    }

    #[test]
    fn a_blob_is_whole_or_not_there() {
        let temporary = tempfile::tempdir().unwrap();
        let cache = cache(&temporary);
        let digest = Digest::of(b"hello");
        assert!(matches!(cache.read(&digest), Err(CacheError::Missing { .. })));
        let mut unfinished = cache.begin().unwrap();
        unfinished.write(b"hel").unwrap();
        assert!(!cache.has(&digest));
        drop(unfinished);
        assert_eq!(cache.write(b"hello").unwrap(), digest);
        assert_eq!(cache.read(&digest).unwrap(), b"hello");
        // Again, and by another writer at the same time.
        let mut again = cache.begin().unwrap();
        again.write(b"hello").unwrap();
        assert_eq!(cache.write(b"hello").unwrap(), digest);
        assert_eq!(again.finish(Some(&digest)).unwrap(), digest);
        let left = entries(&cache.folder.join(UNFINISHED)).unwrap();
        assert_eq!(left, Vec::<Utf8PathBuf>::new());
    }

    #[test]
    fn wrong_bytes_are_not_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let cache = cache(&temporary);
        let digest = Digest::of(b"hello");
        let mut blob = cache.begin().unwrap();
        blob.write(b"other").unwrap();
        assert!(matches!(
            blob.finish(Some(&digest)),
            Err(CacheError::WrongDigest { .. })
        ));
        assert!(!cache.has(&Digest::of(b"other")));
    }

    #[test]
    fn a_damaged_blob_is_said_and_replaced() {
        let temporary = tempfile::tempdir().unwrap();
        let cache = cache(&temporary);
        let digest = cache.write(b"hello").unwrap();
        let file = cache.file(&digest);
        fs::remove_file(&file).unwrap();
        fs::write(&file, "hellO").unwrap();
        assert!(matches!(cache.read(&digest), Err(CacheError::Damaged { .. })));
        cache.write(b"hello").unwrap();
        assert_eq!(cache.read(&digest).unwrap(), b"hello");
    }

    #[test]
    fn names_of_servers() {
        let temporary = tempfile::tempdir().unwrap();
        let cache = cache(&temporary);
        assert_eq!(cache.known_as("x etag"), None);
        let digest = cache.write(b"hello").unwrap();
        cache.note_name("x etag", &digest);
        assert_eq!(cache.known_as("x etag"), Some(digest.clone()));
        assert_eq!(cache.known_as("x other"), None);
        assert!(cache.check_is_there(&digest, 5).is_ok());
        assert!(cache.check_is_there(&digest, 6).is_err());
        assert!(cache.check_is_there(&Digest::of(b"x"), 1).is_err());
    }

    #[test]
    fn what_is_unused_is_swept() {
        let temporary = tempfile::tempdir().unwrap();
        let cache = cache(&temporary);
        let (old, new) = (cache.write(b"old").unwrap(), cache.write(b"new").unwrap());
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        let set = |digest: &Digest| {
            let file = File::open(cache.file(digest)).unwrap();
            file.set_modified(cache.now - 2 * month).unwrap();
        };
        set(&old);
        set(&new);
        cache.read(&new).unwrap();
        let swept = cache.sweep(cache.now - month).unwrap();
        assert_eq!(
            swept,
            Swept {
                removed: 1,
                removed_bytes: 3,
                kept: 1,
                kept_bytes: 3
            }
        );
        assert!(cache.has(&new) && !cache.has(&old));
    }

    #[cfg(unix)]
    #[test]
    fn a_cache_that_cannot_be_written_says_so() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        fs::write(folder.join(FOLDER), "a file").unwrap();
        let error = cache(&temporary).write(b"x").unwrap_err().to_string();
        assert!(error.starts_with("cannot write the cache "), "{error}");
    }
}

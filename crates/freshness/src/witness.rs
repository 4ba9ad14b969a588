//! [`Witness`]: metadata of the files and folders that decide the catalogs, in the user's cache.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};
use source_tree::regular_file;

use crate::cache_file::{file_name, write_file};

/// Largest witness that is read, in bytes.
const LARGEST: u64 = 256 << 20;
/// A file that changed this shortly before its metadata was read may change again within the same tick of the file system's clock:
/// it is read again next time.
const TICK: Duration = Duration::from_secs(2);
/// First bytes of a witness, with the version of its format.
const MAGIC: &[u8; 8] = b"fig-fr01";
/// Entries that a thread takes at a time. Another thread of the process reads the catalogs meanwhile, so the threads may get unequal
/// shares of a core, and a faster one takes more blocks.
const BLOCK: usize = 256;

/// The witness of a repository's catalogs.
#[derive(Clone, Debug)]
pub struct Witness {
    file: Utf8PathBuf,
    key: [u8; 32],
}

/// A digest of a file's or folder's kind, inode, size and times.
type Stamp = u64;

/// A stamp that no file has.
const NEVER: Stamp = 0;

impl Witness {
    /// The witness for the catalogs with `record` (the bytes of `.scan.json`) in `project`, kept below the folder `cache`.
    pub fn new(cache: &Utf8Path, project: &Utf8Path, data: &Utf8Path, record: &[u8]) -> Self {
        let mut place = Sha256::new();
        place.update(project.as_str());
        place.update([0]);
        place.update(data.as_str());
        let mut key = Sha256::new();
        key.update(MAGIC);
        key.update(env!("CARGO_PKG_VERSION"));
        key.update(record);
        Witness {
            file: cache.join("freshness").join(file_name(place)),
            key: key.finalize().into(),
        }
    }

    /// The paths whose metadata has changed; `None` if there is no witness of this record.
    pub(crate) fn differences(&self, project: &Utf8Path) -> Option<Vec<String>> {
        let bytes = regular_file::read(&self.file, LARGEST).ok()?;
        let body = bytes.strip_prefix(MAGIC)?.strip_prefix(&self.key)?;
        let entries = entries(body)?;
        let root = ProjectFolder::open(project).ok()?;
        let next = AtomicUsize::new(0);
        let look = || -> Vec<&[u8]> {
            let mut differing = Vec::new();
            loop {
                let start = next.fetch_add(BLOCK, Ordering::Relaxed);
                let Some(rest) = entries.get(start..).filter(|rest| !rest.is_empty()) else {
                    return differing;
                };
                let block = rest.iter().take(BLOCK);
                let changed =
                    block.filter(|(stamp, path)| *stamp == NEVER || root.stamp(path, None) != *stamp);
                differing.extend(changed.map(|(_, path)| *path));
            }
        };
        let blocks = entries.len().div_ceil(BLOCK);
        let threads = match blocks {
            0 | 1 => 1,
            _ => thread::available_parallelism().map_or(1, usize::from).min(blocks),
        };
        let mut found = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(look)).collect();
            let mut found = look();
            for other in others {
                found.extend(other.join().ok()?);
            }
            Some(found)
        })?;
        found.sort_unstable();
        let text = |path: &[u8]| std::str::from_utf8(path).map(str::to_owned).ok();
        found.into_iter().map(text).collect()
    }

    /// Keeps the current metadata of these paths, whose contents are those of the record. `began` is a time before the first of
    /// them was read.
    ///
    /// # Errors
    /// Errors of the file system. The next question then takes longer, and its answer is the same.
    pub(crate) fn write<'p>(
        &self,
        project: &Utf8Path,
        paths: impl Iterator<Item = &'p str>,
        began: SystemTime,
    ) -> io::Result<()> {
        let root = ProjectFolder::open(project)?;
        let settled = began.checked_sub(TICK).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.key);
        for path in paths {
            let Ok(length) = u16::try_from(path.len()) else {
                continue;
            };
            bytes.extend_from_slice(&root.stamp(path.as_bytes(), Some(settled)).to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(path.as_bytes());
        }
        write_file(&self.file, &bytes, began)
    }
}

/// Paths with their stamps; `None` if the witness is incomplete.
fn entries(mut body: &[u8]) -> Option<Vec<(Stamp, &[u8])>> {
    let mut entries = Vec::with_capacity(body.len() / 48);
    while !body.is_empty() {
        let (stamp, rest) = body.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (path, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        entries.push((u64::from_le_bytes(*stamp), path));
        body = rest;
    }
    Some(entries)
}

/// The top of a repository.
struct ProjectFolder {
    #[cfg(unix)]
    folder: std::fs::File,
    #[cfg(not(unix))]
    folder: Utf8PathBuf,
}

impl ProjectFolder {
    fn open(project: &Utf8Path) -> io::Result<Self> {
        #[cfg(unix)]
        let folder = std::fs::File::open(project)?;
        #[cfg(not(unix))]
        let folder = project.to_owned();
        Ok(ProjectFolder { folder })
    }

    /// The stamp of a path; that of a link includes its target. [`NEVER`] for a missing path, and one that has changed after
    /// `settled`.
    #[cfg(unix)]
    fn stamp(&self, path: &[u8], settled: Option<SystemTime>) -> Stamp {
        use rustix::fs::{AtFlags, FileType, statat};
        let path = if path.is_empty() { b"." } else { path };
        let stated = |flags| {
            let stat = statat(&self.folder, path, flags).ok()?;
            let kind = FileType::from_raw_mode(stat.st_mode);
            #[allow(
                clippy::cast_sign_loss,
                clippy::unnecessary_cast,
                reason = "bits, as the system gives them"
            )]
            let fields = [
                stat.st_dev as u64,
                stat.st_ino as u64,
                stat.st_mode as u64,
                // The size of a folder means nothing.
                match kind {
                    FileType::Directory => 0,
                    _ => stat.st_size as u64,
                },
                stat.st_mtime as u64,
                stat.st_mtime_nsec as u64,
                stat.st_ctime as u64,
                stat.st_ctime_nsec as u64,
            ];
            let is_settled = settled.is_none_or(|settled| {
                let limit = settled
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .map_or(0, |since| since.as_secs());
                fields[4].max(fields[6]) < limit
            });
            is_settled.then_some((kind, fields))
        };
        match stated(AtFlags::SYMLINK_NOFOLLOW) {
            Some((FileType::RegularFile | FileType::Directory, fields)) => mix(&fields),
            Some((FileType::Symlink, link)) => match stated(AtFlags::empty()) {
                Some((FileType::RegularFile, target)) => mix(&[link, target].concat()),
                _ => NEVER,
            },
            _ => NEVER,
        }
    }

    #[cfg(not(unix))]
    fn stamp(&self, path: &[u8], settled: Option<SystemTime>) -> Stamp {
        let Ok(path) = std::str::from_utf8(path) else {
            return NEVER;
        };
        let Ok(metadata) = self.folder.join(path).symlink_metadata() else {
            return NEVER;
        };
        let Ok(modified) = metadata.modified() else {
            return NEVER;
        };
        if metadata.is_symlink() || settled.is_some_and(|settled| modified >= settled) {
            return NEVER;
        }
        let since = modified
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let length = if metadata.is_dir() { 0 } else { metadata.len() };
        mix(&[
            u64::from(metadata.is_dir()),
            length,
            since.as_secs(),
            u64::from(since.subsec_nanos()),
        ])
    }
}

/// A hash of several numbers, the same on every machine. It need not withstand attacks, since it is kept in the user's own cache.
fn mix(fields: &[u64]) -> Stamp {
    let mixed = fields.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |hash, field| {
        let hash = (hash ^ field).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (hash ^ (hash >> 32)).rotate_left(23)
    });
    mixed.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Place {
        _temporary: tempfile::TempDir,
        project: Utf8PathBuf,
        witness: Witness,
    }

    fn place() -> Place {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        let project = folder.join("project");
        fs::create_dir_all(project.join("a")).unwrap();
        fs::write(project.join("a/x"), "1").unwrap();
        fs::write(project.join("a/y"), "1").unwrap();
        let witness = Witness::new(&folder.join("cache"), &project, &project.join("data"), b"record");
        Place {
            _temporary: temporary,
            project,
            witness,
        }
    }

    /// A time at which everything that was written before is settled.
    fn later() -> SystemTime {
        SystemTime::now() + 2 * TICK
    }

    const PATHS: [&str; 4] = ["", "a", "a/x", "a/y"];

    #[test]
    fn what_is_as_it_was_is_not_named() {
        let Place {
            _temporary,
            project,
            witness,
        } = place();
        assert_eq!(witness.differences(&project), None);
        witness.write(&project, PATHS.into_iter(), later()).unwrap();
        assert_eq!(witness.differences(&project), Some(vec![]));
        fs::write(project.join("a/x"), "2").unwrap();
        assert_eq!(witness.differences(&project), Some(vec!["a/x".to_owned()]));
        fs::remove_file(project.join("a/y")).unwrap();
        let all = ["a", "a/x", "a/y"].map(str::to_owned);
        assert_eq!(witness.differences(&project), Some(all.into()));
    }

    #[test]
    fn what_changed_a_moment_ago_is_not_trusted() {
        let Place {
            _temporary,
            project,
            witness,
        } = place();
        witness
            .write(&project, PATHS.into_iter(), SystemTime::now())
            .unwrap();
        assert_eq!(witness.differences(&project).map(|all| all.len()), Some(4));
    }

    #[test]
    fn a_link_changes_with_what_it_leads_to() {
        let Place {
            _temporary,
            project,
            witness,
        } = place();
        std::os::unix::fs::symlink("x", project.join("a/link")).unwrap();
        let paths = ["a/link"];
        witness.write(&project, paths.into_iter(), later()).unwrap();
        assert_eq!(witness.differences(&project), Some(vec![]));
        fs::write(project.join("a/x"), "2").unwrap();
        assert_eq!(witness.differences(&project), Some(vec!["a/link".to_owned()]));
    }

    #[test]
    fn another_record_and_a_broken_file_say_nothing() {
        let Place {
            _temporary,
            project,
            witness,
        } = place();
        witness.write(&project, PATHS.into_iter(), later()).unwrap();
        let other = Witness {
            key: [0; 32],
            ..witness.clone()
        };
        assert_eq!(other.differences(&project), None);
        let bytes = fs::read(&witness.file).unwrap();
        for length in [0, 7, 40, bytes.len() - 1] {
            fs::write(&witness.file, bytes.get(..length).unwrap()).unwrap();
            let found = witness.differences(&project);
            assert!(found.is_none() || length == 40, "{length}: {found:?}");
        }
    }
}

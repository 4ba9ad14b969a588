//! Results of scans in the user's cache, valid as long as their inputs do not change.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::Inputs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use source_tree::{Asked, SourceTree, regular_file};

use crate::cache_file::{file_name, write_file};
use crate::changes::changed_files;
use crate::survey::{self, inputs};

/// Largest result that is read, in bytes.
const LARGEST: u64 = 256 << 20;
/// How far file times are behind the clock: the kernel takes them from its last tick.
const TICK: Duration = Duration::from_millis(20);
/// As [`TICK`], for file systems that record times in steps of one or two seconds.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// The cached result of a scan.
#[derive(Clone, Debug)]
pub struct CachedResult {
    file: Utf8PathBuf,
}

/// The reads of a scan.
#[derive(Clone, Copy)]
pub struct ScanReads<'s> {
    /// The repository.
    pub tree: &'s dyn SourceTree,
    /// Its real path.
    pub folder: &'s Utf8Path,
    /// The files and folders that the scan asked for.
    pub asked: &'s Asked,
    /// A time before the first read.
    pub began: SystemTime,
    /// Files that the caller may have written since.
    pub written: &'s [&'s str],
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    inputs: Inputs,
    result: T,
}

impl CachedResult {
    /// A result for the repository at a real path. `kind` names its folder in the user's cache; `options` decide it in addition to
    /// the files of the repository.
    pub fn new(cache: &Utf8Path, kind: &str, folder: &Utf8Path, options: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for text in [env!("CARGO_PKG_VERSION"), folder.as_str()].iter().chain(options) {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        }
        CachedResult {
            file: cache.join(kind).join(file_name(hash)),
        }
    }

    /// The result, if a scan of the tree would have the same.
    pub fn read<T: DeserializeOwned>(&self, tree: &dyn SourceTree) -> Option<T> {
        let bytes = regular_file::read(&self.file, LARGEST).ok()?;
        let stored: Stored<T> = serde_json::from_slice(&bytes).ok()?;
        let is_valid = changed_files(tree, &stored.inputs).is_empty();
        is_valid.then_some(stored.result)
    }

    /// Keeps the result of a scan, and returns whether it did: not if a file has changed since the scan began, because then it is
    /// unknown which content the scan has read.
    ///
    /// # Errors
    /// Errors of the file system.
    pub fn write<T: Serialize>(&self, scan: &ScanReads<'_>, result: &T) -> io::Result<bool> {
        let inputs = inputs(scan.tree, scan.asked);
        if has_changed(scan, &inputs) {
            return Ok(false);
        }
        let stored = Stored { inputs, result };
        let bytes = serde_json::to_vec(&stored)?;
        write_file(&self.file, &bytes, scan.began)?;
        Ok(true)
    }
}

/// Whether a file or folder was added, removed or changed since shortly before a scan began.
fn has_changed(scan: &ScanReads<'_>, inputs: &Inputs) -> bool {
    let is_written = |path: &str| scan.written.contains(&path);
    // A file that was removed is not an input any more.
    let is_gone = |path: &str| !inputs.files.contains_key(path) && !is_written(path);
    if scan.asked.files.iter().any(|path| is_gone(path.as_str())) {
        return true;
    }
    let walk = survey::walk(scan.tree);
    let seen = walk.folders.iter().chain(&walk.files).chain(inputs.files.keys());
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for mut path in seen.map(String::as_str) {
        // A folder on the way may be a link.
        while !path.is_empty() && paths.insert(path) {
            path = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
    }
    paths
        .into_iter()
        .filter(|path| !is_written(path))
        .any(|path| is_younger(&scan.folder.join(path), scan.began))
}

/// Whether a path, or the target of a link, may have changed since a time. A missing path counts as changed.
fn is_younger(path: &Utf8Path, began: SystemTime) -> bool {
    let is_younger = |metadata: io::Result<Metadata>| {
        let Ok(times) = metadata.and_then(|metadata| times(&metadata)) else {
            return true;
        };
        times.into_iter().any(|(time, is_coarse)| {
            let tick = if is_coarse { COARSE_TICK } else { TICK };
            began.checked_sub(tick).is_none_or(|bound| time >= bound)
        })
    };
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => is_younger(Ok(metadata)) || is_younger(path.metadata()),
        metadata => is_younger(metadata),
    }
}

/// The times of a file's changes, and whether its file system may record whole seconds only.
fn times(metadata: &Metadata) -> io::Result<Vec<(SystemTime, bool)>> {
    let modified = metadata.modified()?;
    let is_whole = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        since.is_ok_and(|since| since.subsec_nanos() == 0)
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Programs can set the time of modification, but not this one.
        let seconds = u64::try_from(metadata.ctime()).unwrap_or_default();
        let nanoseconds = u32::try_from(metadata.ctime_nsec()).unwrap_or_default();
        let changed = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        let is_coarse = is_whole(changed);
        Ok(vec![(modified, is_coarse), (changed, is_coarse)])
    }
    #[cfg(not(unix))]
    {
        Ok(vec![(modified, is_whole(modified))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{DiskTree, Limits, ReadRecord};
    use std::fs;
    use std::sync::Arc;

    /// A repository in which `apps` is listed and `apps/a.yaml` read.
    struct Place {
        _temporary: tempfile::TempDir,
        folder: Utf8PathBuf,
        result: CachedResult,
    }

    impl Place {
        fn new() -> Self {
            let temporary = tempfile::tempdir().unwrap();
            let top = Utf8Path::from_path(temporary.path()).unwrap();
            let top = top.canonicalize_utf8().unwrap();
            let folder = top.join("repo");
            fs::create_dir_all(folder.join("apps")).unwrap();
            fs::write(folder.join("apps/a.yaml"), "kind: A\n").unwrap();
            fs::write(folder.join("readme.md"), "read me\n").unwrap();
            Place {
                result: CachedResult::new(&top.join("cache"), "results", &folder, &["x"]),
                _temporary: temporary,
                folder,
            }
        }

        fn tree(&self) -> Arc<DiskTree> {
            Arc::new(DiskTree::with_limits(&self.folder, Limits::default()).unwrap())
        }

        /// Scans at a time, does something meanwhile, and keeps the result.
        fn keep(&self, began: SystemTime, meanwhile: impl Fn(&Utf8Path)) -> bool {
            let record = ReadRecord::new();
            let tree = record.watch(self.tree());
            tree.list(&"apps".into()).unwrap();
            tree.read(&"apps/a.yaml".into()).unwrap();
            meanwhile(&self.folder);
            let scan = ScanReads {
                tree: &*self.tree(),
                folder: &self.folder,
                asked: &record.asked(),
                began,
                written: &["lock"],
            };
            self.result.write(&scan, &"result").unwrap()
        }

        fn read(&self) -> Option<String> {
            self.result.read(&*self.tree())
        }
    }

    /// A time at which everything that was written before is old.
    fn later() -> SystemTime {
        SystemTime::now() + 2 * COARSE_TICK
    }

    #[test]
    fn a_result_is_good_until_what_decided_it_changes() {
        let place = Place::new();
        assert_eq!(place.read(), None);
        assert!(place.keep(later(), |_| {}));
        assert_eq!(place.read().as_deref(), Some("result"));
        fs::write(place.folder.join("readme.md"), "again\n").unwrap();
        assert_eq!(place.read().as_deref(), Some("result"));
        for (path, text) in [("apps/a.yaml", "kind: B\n"), ("apps/b.yaml", "kind: C\n")] {
            let before = fs::read_to_string(place.folder.join(path));
            fs::write(place.folder.join(path), text).unwrap();
            assert_eq!(place.read(), None, "{path}");
            match before {
                Ok(before) => fs::write(place.folder.join(path), before).unwrap(),
                Err(_) => fs::remove_file(place.folder.join(path)).unwrap(),
            }
            assert_eq!(place.read().as_deref(), Some("result"), "{path}");
        }
        let top = place.folder.parent().unwrap();
        let other = CachedResult::new(&top.join("cache"), "results", &place.folder, &["y"]);
        assert_eq!(other.read::<String>(&*place.tree()), None);
        fs::write(&place.result.file, "{").unwrap();
        assert_eq!(place.read(), None);
    }

    /// A file with a time after `began` counts as changed.
    #[test]
    fn what_changes_while_a_scan_reads_is_not_kept() {
        type Change = fn(&Utf8Path);
        let changes: [Change; 5] = [
            |folder| fs::write(folder.join("apps/a.yaml"), "kind: B\n").unwrap(),
            |folder| fs::write(folder.join("apps/b.yaml"), "kind: B\n").unwrap(),
            |folder| fs::remove_file(folder.join("apps/a.yaml")).unwrap(),
            |folder| fs::rename(folder.join("apps/a.yaml"), folder.join("apps/c.yaml")).unwrap(),
            |folder| fs::create_dir_all(folder.join("apps/d")).unwrap(),
        ];
        for (number, change) in (1..).zip(changes) {
            let place = Place::new();
            std::thread::sleep(4 * TICK);
            assert!(!place.keep(SystemTime::now(), change), "{number}");
            assert_eq!(place.read(), None, "{number}");
        }
        let place = Place::new();
        std::thread::sleep(4 * TICK);
        let began = SystemTime::now();
        assert!(place.keep(began, |folder| fs::write(folder.join("lock"), "1").unwrap()));
        assert_eq!(place.read().as_deref(), Some("result"));
    }
}

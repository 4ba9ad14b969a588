//! Rendered charts, kept in the user's cache.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use flux_evaluate::{KeptRenderings, RenderingKey};

use crate::{CacheError, SourceCache, Swept};

/// The folder in the user's cache.
const FOLDER: &str = "renderings";
/// Renderings that were not used for so long are removed.
const OLDEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Bytes that one program may add.
const MOST: usize = 256 << 20;
/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Renderings by the inputs that decided them, for one build of the program: another build may render differently.
#[derive(Debug)]
pub struct RenderingCache {
    kept: SourceCache,
    program: String,
    now: SystemTime,
    left: AtomicUsize,
    swept: Once,
}

impl RenderingCache {
    /// The renderings below a folder of the user's cache, which need not exist yet. `program` identifies the build; `now` is the
    /// present time, recorded as the time of use.
    pub fn new(user_cache: &Utf8Path, program: String, now: SystemTime) -> Self {
        RenderingCache {
            kept: SourceCache::new(&folder(user_cache), now),
            program,
            now,
            left: AtomicUsize::new(MOST),
            swept: Once::new(),
        }
    }

    /// Removes renderings that were not used since a time.
    ///
    /// # Errors
    /// [`CacheError::Io`] if the cache cannot be read or written.
    pub fn sweep(
        user_cache: &Utf8Path,
        now: SystemTime,
        unused_since: SystemTime,
    ) -> Result<Swept, CacheError> {
        SourceCache::new(&folder(user_cache), now).sweep(unused_since)
    }

    fn name(&self, key: &RenderingKey) -> String {
        format!("{} {key}", self.program)
    }
}

fn folder(user_cache: &Utf8Path) -> Utf8PathBuf {
    user_cache.join(FOLDER)
}

impl KeptRenderings for RenderingCache {
    fn read(&self, key: &RenderingKey) -> Option<Vec<u8>> {
        self.kept.read_named(&self.name(key), LARGEST)
    }

    fn write(&self, key: &RenderingKey, bytes: &[u8]) {
        let rest = |left: usize| left.checked_sub(bytes.len());
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
        if left.is_err() {
            return;
        }
        self.swept.call_once(|| {
            let unused_since = self.now.checked_sub(OLDEST).unwrap_or(SystemTime::UNIX_EPOCH);
            // Renderings that cannot be removed do no harm.
            let _ = self.kept.sweep(unused_since);
        });
        self.kept.write_named(&self.name(key), bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: u8) -> RenderingKey {
        RenderingKey::from([digit; 32])
    }

    #[test]
    fn what_is_kept_is_of_one_program_and_one_key() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        let now = SystemTime::now();
        let cache = |program: &str| RenderingCache::new(folder, program.to_owned(), now);
        assert_eq!(cache("a").read(&key(1)), None);
        cache("a").write(&key(1), b"made");
        assert_eq!(cache("a").read(&key(1)).as_deref(), Some(&b"made"[..]));
        assert_eq!(cache("a").read(&key(2)), None);
        assert_eq!(cache("b").read(&key(1)), None);
    }

    #[test]
    fn what_was_not_used_for_long_goes_with_the_next_that_is_added() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        let now = SystemTime::now();
        let later = now + 2 * OLDEST;
        RenderingCache::new(folder, "a".to_owned(), now).write(&key(1), b"old");
        let cache = RenderingCache::new(folder, "a".to_owned(), later);
        cache.write(&key(2), b"new");
        assert_eq!(cache.read(&key(1)), None);
        assert!(cache.read(&key(2)).is_some());
    }

    #[test]
    fn one_program_adds_no_more_than_its_part() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        let cache = RenderingCache::new(folder, "a".to_owned(), SystemTime::now());
        cache.left.store(5, Ordering::Relaxed);
        cache.write(&key(1), b"three");
        cache.write(&key(2), b"more");
        assert!(cache.read(&key(1)).is_some());
        assert_eq!(cache.read(&key(2)), None);
    }
}

//! Files of the cache under names that are not their digests: each holds a digest, followed by the bytes.

use std::fs;
use std::io::{self, Read as _, Write as _};

use camino::Utf8PathBuf;
use sha2::{Digest as _, Sha256};
use source_tree::regular_file;
use tempfile::NamedTempFile;

use crate::{Digest, SourceCache};

/// Length of the digest, in bytes.
const DIGEST: usize = 32;

impl SourceCache {
    /// The bytes under a name, if they exist and are intact.
    pub(crate) fn read_named(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        let mut file = regular_file::open(&self.named(name)).ok()?;
        let metadata = file.metadata().ok()?;
        if metadata.len() > most {
            return None;
        }
        let mut digest = [0; DIGEST];
        file.read_exact(&mut digest).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
        (&mut file).take(most).read_to_end(&mut bytes).ok()?;
        if Sha256::digest(&bytes)[..] != digest {
            return None;
        }
        self.note_use_of(&file, &metadata);
        Some(bytes)
    }

    /// Keeps bytes under a name. A failure is ignored, since they only save work.
    pub(crate) fn write_named(&self, name: &str, bytes: &[u8]) {
        let target = self.named(name);
        let write = || -> io::Result<()> {
            let folder = target.parent().ok_or(io::ErrorKind::NotFound)?;
            let mut file = match NamedTempFile::new_in(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(folder)?;
                    NamedTempFile::new_in(folder)?
                }
                created => created?,
            };
            file.write_all(&Sha256::digest(bytes))?;
            file.write_all(bytes)?;
            file.persist(&target)?;
            Ok(())
        };
        let _ = write();
    }

    fn named(&self, name: &str) -> Utf8PathBuf {
        // The suffix tells it from a blob, whose name is the digest of its bytes.
        self.file(&Digest::of(name.as_bytes())).with_extension("named")
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use camino::Utf8Path;

    use super::*;

    #[test]
    fn bytes_are_whole_or_not_there() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temporary.path()).unwrap();
        let cache = SourceCache::new(folder, SystemTime::now());
        let read = || cache.read_named("a", 100);
        assert_eq!(read(), None);
        cache.write_named("a", b"one");
        cache.write_named("b", b"other");
        assert_eq!(read().as_deref(), Some(&b"one"[..]));
        assert_eq!(cache.read_named("a", 30), None, "over the bound");
        cache.write_named("a", b"");
        assert_eq!(read().as_deref(), Some(&b""[..]));
        fs::write(cache.named("a"), b"shorter than a digest").unwrap();
        assert_eq!(read(), None);
        cache.write_named("a", b"two");
        let mut damaged = fs::read(cache.named("a")).unwrap();
        damaged[DIGEST] ^= 1;
        fs::write(cache.named("a"), damaged).unwrap();
        assert_eq!(read(), None);
    }
}

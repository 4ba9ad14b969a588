//! Files in the user's cache: their names, writing them, and removing those that were not used for long.

use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

/// Age at which a file is removed.
const OLDEST: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The name of a file, from a hash of what it is about.
pub(crate) fn file_name(hash: Sha256) -> String {
    let hash = hash.finalize();
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces a file in one step, and removes old files beside it.
pub(crate) fn write_file(file: &Utf8Path, bytes: &[u8], now: SystemTime) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Utf8Path::new(""));
    std::fs::create_dir_all(folder)?;
    remove_old(folder, now);
    let mut new = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.persist(file)?;
    Ok(())
}

/// Removes files of repositories that nobody asks about any more, and those that a killed process left.
fn remove_old(folder: &Utf8Path, now: SystemTime) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file);
        let age = metadata.and_then(|metadata| now.duration_since(metadata.modified().ok()?).ok());
        if age.is_some_and(|age| age > OLDEST) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

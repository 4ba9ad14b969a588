//! What is kept in a cache of the user goes when nobody has asked after it for long.

use std::time::{Duration, SystemTime};

use camino::Utf8Path;

/// What is not asked after for so long goes.
const OLDEST: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// Removes what is kept of repositories that nobody asks about any more, and what a killed process left.
pub(crate) fn remove_old(folder: &Utf8Path, now: SystemTime) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let age = entry
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)
            .and_then(|metadata| now.duration_since(metadata.modified().ok()?).ok());
        if age.is_some_and(|age| age > OLDEST) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

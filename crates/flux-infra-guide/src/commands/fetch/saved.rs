//! The lock file, written as sources arrive, so that an interrupted fetch keeps them.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use source_cache::{LOCK_FILE, Lock};
use source_fetch::{Fetched, Progress, Totals};

/// Least time between two writes during a fetch.
const PAUSE: Duration = Duration::from_millis(250);

/// Writes arrived sources to the lock file, and passes the progress on.
pub(super) struct Saved<'a> {
    folder: Utf8PathBuf,
    lock: Lock,
    written: Instant,
    progress: &'a mut dyn Progress,
}

impl<'a> Saved<'a> {
    pub(super) fn new(folder: &Utf8Path, before: &Lock, progress: &'a mut dyn Progress) -> Self {
        Saved {
            folder: folder.to_owned(),
            lock: before.clone(),
            written: Instant::now(),
            progress,
        }
    }
}

impl Progress for Saved<'_> {
    fn done(&mut self, fetched: &Fetched, totals: Totals) {
        if let Ok(source) = &fetched.result {
            self.lock.insert(source.clone());
            if self.written.elapsed() >= PAUSE {
                // The end of the fetch writes it once more, and reports errors.
                let _ = write(&self.folder, &self.lock);
                self.written = Instant::now();
            }
        }
        self.progress.done(fetched, totals);
    }

    fn tick(&mut self, totals: Totals) {
        self.progress.tick(totals);
    }
}

/// Replaces the lock file in one step.
pub(super) fn write(folder: &Utf8Path, lock: &Lock) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The permissions of any new file, before the user's umask.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".flux-infra-guide.lock").tempfile_in(folder)?;
    file.write_all(lock.to_text().as_bytes())?;
    file.persist(folder.join(LOCK_FILE))
        .map_err(|error| error.error)?;
    Ok(())
}

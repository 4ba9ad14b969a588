//! Lock that admits one writer at a time to an output folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::EmitError;

/// How often the lock is tried, and the pause between two tries: 10 seconds in all.
const TRIES: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(10);

/// The right to write below a folder. The system releases it when the process ends, however it ends; no lock file remains.
#[derive(Debug)]
pub struct OutputLock {
    _folder: Option<File>,
    created: CreatedFolders,
}

impl OutputLock {
    /// Waits for the right to write below `folder`, and makes the folder if it is missing. Dropping the lock removes the folder
    /// again if nothing was written.
    ///
    /// # Errors
    /// [`EmitErrorKind::Write`](crate::EmitErrorKind::Write) if the folder cannot be created, or another process writes for longer
    /// than a run takes.
    pub fn take(folder: &Utf8Path) -> Result<Self, EmitError> {
        let fault = EmitError::write::<io::Error>(folder);
        let mut created = CreatedFolders::default();
        created.make(folder).map_err(fault)?;
        // Only Unix can lock a folder.
        if !cfg!(unix) {
            return Ok(OutputLock {
                _folder: None,
                created,
            });
        }
        // Checked before it is opened: opening a pipe blocks until somebody writes.
        if !fs::metadata(folder).map_err(fault)?.is_dir() {
            return Err(fault(io::ErrorKind::NotADirectory.into()));
        }
        let file = File::open(folder).map_err(fault)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    return Ok(OutputLock {
                        _folder: Some(file),
                        created,
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                // Some network file systems have no locks. Each write is still atomic there, and the last one wins.
                Err(TryLockError::Error(_)) => {
                    return Ok(OutputLock {
                        _folder: None,
                        created,
                    });
                }
            }
        }
        Err(fault(io::Error::other(
            "another process has been writing there for 10 seconds",
        )))
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        self.created.undo();
    }
}

/// Folders that were created on the way, which are removed at the end if they are empty.
#[derive(Debug, Default)]
pub(super) struct CreatedFolders(Vec<Utf8PathBuf>);

impl CreatedFolders {
    pub(super) fn make(&mut self, folder: &Utf8Path) -> io::Result<()> {
        let missing: Vec<_> = folder
            .ancestors()
            .take_while(|folder| !folder.as_str().is_empty() && !folder.exists())
            .map(Utf8Path::to_owned)
            .collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(&folder) {
                Ok(()) => self.0.push(folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn undo(&mut self) {
        for folder in self.0.drain(..).rev() {
            // Fails for a folder that is not empty.
            let _ = fs::remove_dir(folder);
        }
    }
}

//! One writer at a time in an output folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{EmitError, EmitErrorKind};

/// How often a lock is tried for, and how long between two times: 10 seconds in all.
const TRIES: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(10);

/// The right to write below a folder. The system takes it back when the process ends, however it ends; no file is left.
#[derive(Debug)]
pub struct OutputLock {
    _folder: Option<File>,
    made: MadeFolders,
}

impl OutputLock {
    /// Waits for the right to write below `folder`, and makes the folder where there is none. It goes again with the lock
    /// where nothing was written.
    ///
    /// # Errors
    /// [`EmitErrorKind::Write`] where the folder cannot be made, or another process writes for longer than a run takes.
    pub fn take(folder: &Utf8Path) -> Result<Self, EmitError> {
        let fault = |error: io::Error| EmitError::new(EmitErrorKind::Write, folder, error);
        let mut made = MadeFolders::default();
        made.make(folder).map_err(fault)?;
        // Elsewhere than on Unix a folder cannot be locked.
        if !cfg!(unix) {
            return Ok(OutputLock { _folder: None, made });
        }
        // Asked before it is opened: whoever opens a pipe waits for somebody to write.
        if !fs::metadata(folder).map_err(fault)?.is_dir() {
            return Err(fault(io::ErrorKind::NotADirectory.into()));
        }
        let file = File::open(folder).map_err(fault)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    return Ok(OutputLock {
                        _folder: Some(file),
                        made,
                    });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                // Some network file systems have no locks: then the writes are whole, and the last one wins.
                Err(TryLockError::Error(_)) => return Ok(OutputLock { _folder: None, made }),
            }
        }
        Err(fault(io::Error::other(
            "another process has been writing there for 10 seconds",
        )))
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        self.made.undo();
    }
}

/// Folders that were made on the way. Those that are empty at the end are taken away.
#[derive(Debug, Default)]
pub(super) struct MadeFolders(Vec<Utf8PathBuf>);

impl MadeFolders {
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
            // One that holds something stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

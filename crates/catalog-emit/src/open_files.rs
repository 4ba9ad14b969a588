//! The four catalogs of a folder, opened together, so that all of them are of one generation even while others are written.
//!
//! A run replaces the whole folder in one step. So the folder is opened first and then its files. If the folder has been
//! replaced meanwhile, its files may be disappearing, and it is opened again.

use std::fs::File;
use std::io;
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use source_tree::ConfinedFolder;

use crate::catalogs::Catalogs;
use crate::read::{LARGEST, ReadError};

/// How often a folder is opened that is replaced each time, and the pause between two tries.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(2);

/// The open catalogs of a folder.
pub(crate) struct OpenFiles {
    folder: Utf8PathBuf,
    files: Vec<(&'static str, io::Result<File>)>,
}

impl OpenFiles {
    /// Opens the catalogs of a folder.
    pub(crate) fn open(folder: &Utf8Path) -> Self {
        let mut tries = 0;
        loop {
            tries += 1;
            // The folder itself may be reached through a link.
            let real = folder.canonicalize_utf8();
            let is_there = real.is_ok();
            let opened = real.and_then(ConfinedFolder::open);
            let files = Catalogs::FILE_NAMES.map(|name| {
                let file = match &opened {
                    Ok(open) => open.file(name).map(|(file, _)| file),
                    Err(error) => Err(error.kind().into()),
                };
                (name, file)
            });
            let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
            let may_be_gone = files.iter().any(|(_, file)| file.as_ref().is_err_and(is_gone));
            let has_moved = is_there && opened.as_ref().map_or(true, |open| !open.has_its_place());
            if tries == TRIES || !(may_be_gone && has_moved) {
                return OpenFiles {
                    folder: folder.to_owned(),
                    files: files.into(),
                };
            }
            thread::sleep(PAUSE);
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Takes a catalog, if it is no larger than one may be.
    pub(crate) fn take(&mut self, name: &str) -> Result<File, ReadError> {
        let path = self.folder.join(name);
        let found = self.files.iter().position(|(other, _)| *other == name);
        let file = match found.map(|index| self.files.swap_remove(index)) {
            Some((_, file)) => file,
            None => Err(io::ErrorKind::NotFound.into()),
        };
        match file.and_then(|file| Ok((file.metadata()?.len(), file))) {
            Ok((bytes, _)) if bytes > LARGEST => Err(ReadError::TooLarge { path, bytes }),
            Ok((_, file)) => Ok(file),
            Err(error) => Err(ReadError::File { path, error }),
        }
    }
}

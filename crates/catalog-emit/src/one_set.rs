//! The catalogs of a folder, opened together: all of them are of one set, however many others are written meanwhile.
//!
//! A set is exchanged with its folder in one step. So the folder is opened first and the files in it after that; where it has
//! lost its place meanwhile, its files may be going, and it is opened again.

use std::fs::File;
use std::io;
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use source_tree::ConfinedFolder;

use crate::catalogs::Catalogs;
use crate::read::{LARGEST, ReadError};

/// How often a folder is opened that loses its place each time, and how long between two times.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(2);

/// The open catalogs of a folder.
pub(crate) struct OneSet {
    folder: Utf8PathBuf,
    files: Vec<(&'static str, io::Result<File>)>,
}

impl OneSet {
    /// Opens the catalogs of a folder.
    pub(crate) fn open(folder: &Utf8Path) -> Self {
        let mut tries = 0;
        loop {
            tries += 1;
            // The folder itself may be reached through a link.
            let real = folder.canonicalize_utf8();
            let is_there = real.is_ok();
            let opened = real.and_then(ConfinedFolder::open);
            let files: Vec<_> = Catalogs::FILE_NAMES
                .into_iter()
                .map(|name| {
                    let file = match &opened {
                        Ok(open) => open.file(name).map(|(file, _)| file),
                        Err(error) => Err(error.kind().into()),
                    };
                    (name, file)
                })
                .collect();
            let is_gone = |file: &io::Result<File>| {
                file.as_ref()
                    .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            };
            let may_be_gone = files.iter().any(|(_, file)| is_gone(file));
            let has_moved = is_there && opened.as_ref().map_or(true, |open| !open.has_its_place());
            if tries == TRIES || !(may_be_gone && has_moved) {
                return OneSet {
                    folder: folder.to_owned(),
                    files,
                };
            }
            thread::sleep(PAUSE);
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Takes a catalog, where it is no larger than one may be.
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

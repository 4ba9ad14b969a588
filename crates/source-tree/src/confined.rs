//! Files and folders below one open folder, each opened without following a single link.
//!
//! [`DiskTree`](crate::DiskTree) resolves links itself and refuses those that leave its root. The paths that it opens
//! are free of links, and a link that appears in one meanwhile is an error: Linux checks the whole path in one call
//! (`openat2` with `RESOLVE_NO_SYMLINKS` and `RESOLVE_BENEATH`), elsewhere the parts are opened one by one.

use std::fs::{File, Metadata};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::EntryKind;
#[cfg(not(unix))]
use crate::regular_file::irregular;
use crate::regular_file::{kind_name, regular};

/// An open folder, whose files are opened without following links.
#[derive(Debug)]
pub struct ConfinedFolder {
    /// Its real path.
    path: Utf8PathBuf,
    #[cfg(unix)]
    folder: std::os::fd::OwnedFd,
}

/// The kind of an entry in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDisk {
    /// A regular file or a folder.
    Plain(EntryKind),
    /// A symbolic link.
    Link,
    /// A pipe, device or socket, by name.
    Special(&'static str),
}

impl OnDisk {
    pub(crate) fn from_std(kind: std::fs::FileType) -> Self {
        if kind.is_dir() {
            OnDisk::Plain(EntryKind::Directory)
        } else if kind.is_file() {
            OnDisk::Plain(EntryKind::File)
        } else if kind.is_symlink() {
            OnDisk::Link
        } else {
            OnDisk::Special(kind_name(kind))
        }
    }

    /// The kind under which a tree lists it: pipes, devices and sockets count as files, a link has none.
    pub(crate) fn entry_kind(self) -> Option<EntryKind> {
        match self {
            OnDisk::Plain(kind) => Some(kind),
            OnDisk::Special(_) => Some(EntryKind::File),
            OnDisk::Link => None,
        }
    }
}

#[cfg(unix)]
impl ConfinedFolder {
    /// Opens the folder at a path whose last part is not a link.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn open(path: Utf8PathBuf) -> io::Result<Self> {
        let folder = rustix::fs::open(path.as_std_path(), folder_flags(), rustix::fs::Mode::empty())?;
        Ok(ConfinedFolder { path, folder })
    }

    /// Opens the regular file at a plain path below.
    ///
    /// # Errors
    /// Those of the operating system, and [`io::ErrorKind::InvalidInput`] for anything but a regular file.
    pub fn file(&self, path: &str) -> io::Result<(File, Metadata)> {
        let file = self
            .below(path, crate::regular_file::open_flags())
            .map_err(crate::regular_file::refused)?;
        regular(File::from(file))
    }

    /// Names and kinds in the folder at a plain path below, in no order. Names that are not UTF-8 are left out: no
    /// kustomization file can name them either.
    pub(crate) fn list(&self, path: &str) -> io::Result<Vec<(String, OnDisk)>> {
        use rustix::fs::{AtFlags, Dir, FileType, statat};
        let folder = if path.is_empty() {
            rustix::fs::openat(&self.folder, ".", folder_flags(), rustix::fs::Mode::empty())?
        } else {
            self.below(path, folder_flags())
                .map_err(crate::regular_file::refused)?
        };
        let mut entries = Vec::new();
        let mut unknown = Vec::new();
        let mut dir = Dir::new(folder)?;
        while let Some(entry) = dir.read() {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." {
                continue;
            }
            match entry.file_type() {
                // Some file systems do not list types.
                FileType::Unknown => unknown.push(name.to_owned()),
                kind => entries.push((name.to_owned(), from_rustix(kind))),
            }
        }
        for name in unknown {
            let stat = statat(dir.fd()?, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            entries.push((name, from_rustix(FileType::from_raw_mode(stat.st_mode))));
        }
        Ok(entries)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn below(&self, path: &str, flags: rustix::fs::OFlags) -> io::Result<std::os::fd::OwnedFd> {
        use rustix::fs::{Mode, ResolveFlags, openat2};
        use rustix::io::Errno;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(&self.folder, path, flags, Mode::empty(), resolve) {
            // Kernels before 5.6 and some sandboxes lack the call; a concurrent rename gives EAGAIN.
            Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => self.open_parts(path, flags),
            opened => Ok(opened?),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn below(&self, path: &str, flags: rustix::fs::OFlags) -> io::Result<std::os::fd::OwnedFd> {
        self.open_parts(path, flags)
    }

    fn open_parts(&self, path: &str, flags: rustix::fs::OFlags) -> io::Result<std::os::fd::OwnedFd> {
        use rustix::fs::{Mode, openat};
        let mut folder = None;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            if matches!(part, "" | "." | "..") {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let flags = if parts.peek().is_some() {
                folder_flags()
            } else {
                flags
            };
            let at = folder.as_ref().unwrap_or(&self.folder);
            folder = Some(openat(at, part, flags, Mode::empty())?);
        }
        folder.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

#[cfg(unix)]
fn folder_flags() -> rustix::fs::OFlags {
    crate::regular_file::open_flags() | rustix::fs::OFlags::DIRECTORY
}

#[cfg(unix)]
fn from_rustix(kind: rustix::fs::FileType) -> OnDisk {
    use rustix::fs::FileType;
    match kind {
        FileType::Directory => OnDisk::Plain(EntryKind::Directory),
        FileType::RegularFile => OnDisk::Plain(EntryKind::File),
        FileType::Symlink => OnDisk::Link,
        FileType::Fifo => OnDisk::Special("pipe"),
        FileType::Socket => OnDisk::Special("socket"),
        FileType::CharacterDevice | FileType::BlockDevice => OnDisk::Special("device"),
        FileType::Unknown => OnDisk::Special("special file"),
    }
}

#[cfg(not(unix))]
impl ConfinedFolder {
    /// Opens the folder at a path whose last part is not a link.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn open(path: Utf8PathBuf) -> io::Result<Self> {
        Ok(ConfinedFolder { path })
    }

    /// Opens the regular file at a plain path below.
    ///
    /// # Errors
    /// Those of the operating system, and [`io::ErrorKind::InvalidInput`] for anything but a regular file.
    pub fn file(&self, path: &str) -> io::Result<(File, Metadata)> {
        let path = self.path.join(path);
        match OnDisk::from_std(path.symlink_metadata()?.file_type()) {
            OnDisk::Plain(_) => regular(File::open(path)?),
            OnDisk::Link => Err(irregular("symbolic link")),
            OnDisk::Special(what) => Err(irregular(what)),
        }
    }

    /// Names and kinds in the folder at a plain path below, in no order.
    pub(crate) fn list(&self, path: &str) -> io::Result<Vec<(String, OnDisk)>> {
        let mut entries = Vec::new();
        for entry in self.path.join(path).read_dir_utf8()? {
            let entry = entry?;
            entries.push((entry.file_name().to_owned(), OnDisk::from_std(entry.file_type()?)));
        }
        Ok(entries)
    }
}

impl ConfinedFolder {
    /// Whether the path still leads to this folder.
    pub fn has_its_place(&self) -> bool {
        #[cfg(unix)]
        {
            let here = rustix::fs::fstat(&self.folder);
            let there = rustix::fs::stat(self.path.as_std_path());
            match (here, there) {
                (Ok(here), Ok(there)) => (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino),
                _ => false,
            }
        }
        #[cfg(not(unix))]
        self.path.is_dir()
    }

    /// The path that it was opened by.
    pub(crate) fn path(&self) -> &Utf8Path {
        &self.path
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_anywhere_in_a_path_are_refused() {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/file"), "x").unwrap();
        symlink("a", root.join("link")).unwrap();
        symlink("file", root.join("a/b/other")).unwrap();
        let folder = ConfinedFolder::open(root).unwrap();
        assert!(folder.file("a/b/file").is_ok());
        let flags = crate::regular_file::open_flags();
        for path in [
            "link/b/file",
            "a/b/other",
            "a/../a/b/file",
            "../root/a/b/file",
            "/etc/passwd",
        ] {
            assert!(folder.file(path).is_err() || path.contains("a/.."), "{path}");
            assert!(folder.open_parts(path, flags).is_err(), "{path}");
        }
        assert!(folder.open_parts("a/b/file", flags).is_ok());
        assert!(folder.list("link").is_err());
        assert_eq!(
            folder.list("a").unwrap(),
            [("b".to_owned(), OnDisk::Plain(EntryKind::Directory))]
        );
    }
}

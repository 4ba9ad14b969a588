//! Atomic replacement of a folder: its next state is built beside it and takes its place in one step.
//!
//! Whoever opens the folder sees the old set or the new one, and a process that is killed at any moment leaves one of them;
//! both are plain folders and files for Git, `grep` and agents. (A link to versioned folders would be as safe, but neither
//! `grep -r` nor Git follows one; a mark in every file would be safe only for readers that know it.) The next state consists
//! of hard links to the unchanged files, which keep their inode and times; files of others in the folder are linked too. The
//! step itself is an exchange of two names (`renameat2` with `RENAME_EXCHANGE`, `RENAME_SWAP` on macOS). File systems without
//! it get two renames; between them the folder is missing for a moment, and the next run repairs what a kill leaves then.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Wanted, entries};
use crate::error::EmitError;

/// The next state of a folder, beside it. Dropping this value removes it, or the former state once it has taken the place.
pub(super) struct NextState {
    /// The folder.
    folder: Utf8PathBuf,
    /// Its next state; later its former one.
    beside: Utf8PathBuf,
    /// The former state after two renames.
    former: Option<Utf8PathBuf>,
}

impl NextState {
    /// Builds the next state of `folder`: the present one with `changes`.
    pub(super) fn stage(
        folder: &Utf8Path,
        changes: &BTreeMap<&Utf8Path, Wanted<'_>>,
    ) -> Result<Self, EmitError> {
        let beside = beside(folder, "new").map_err(EmitError::write(folder))?;
        let next = NextState {
            folder: folder.to_owned(),
            beside,
            former: None,
        };
        if folder.symlink_metadata().is_ok() {
            copy(folder, &next.beside, Utf8Path::new(""), changes)?;
        }
        for (path, wanted) in changes {
            let Wanted::Content(content) = wanted else {
                continue;
            };
            let target = next.beside.join(path);
            let name = folder.join(path);
            let fault = EmitError::write::<io::Error>(&name);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(fault)?;
            }
            let mut file = fs::File::create_new(&target).map_err(fault)?;
            file.write_all(content).map_err(fault)?;
            if let Ok(present) = name.symlink_metadata()
                && present.is_file()
            {
                file.set_permissions(present.permissions()).map_err(fault)?;
            }
        }
        if folder.symlink_metadata().is_ok() {
            set_modes(folder, &next.beside).map_err(EmitError::write(folder))?;
        }
        Ok(next)
    }

    /// Puts the next state in the folder's place.
    pub(super) fn take_place(&mut self) -> Result<(), EmitError> {
        self.replace().map_err(EmitError::write(&self.folder))
    }

    fn replace(&mut self) -> io::Result<()> {
        if self.folder.symlink_metadata().is_err() {
            return fs::rename(&self.beside, &self.folder);
        }
        match exchange(&self.beside, &self.folder) {
            Err(error) if is_unknown(&error) => {
                let former = beside(&self.folder, "old")?;
                fs::remove_dir(&former)?;
                fs::rename(&self.folder, &former)?;
                if let Err(error) = fs::rename(&self.beside, &self.folder) {
                    let _ = fs::rename(&former, &self.folder);
                    return Err(error);
                }
                self.former = Some(former);
                Ok(())
            }
            exchanged => exchanged,
        }
    }

    /// Reverts `take_place`.
    pub(super) fn give_back(&mut self) {
        match self.former.take() {
            Some(former) => {
                let _ = fs::rename(&self.folder, &self.beside);
                let _ = fs::rename(former, &self.folder);
            }
            None if self.beside.symlink_metadata().is_ok() => {
                let _ = exchange(&self.beside, &self.folder);
            }
            None => {
                let _ = fs::rename(&self.folder, &self.beside);
            }
        }
    }
}

impl Drop for NextState {
    fn drop(&mut self) {
        // The next run removes what cannot be removed now.
        let _ = fs::remove_dir_all(&self.beside);
        if let Some(former) = &self.former {
            let _ = fs::remove_dir_all(former);
        }
    }
}

/// Removes what killed runs left beside a folder, and puts the folder back if a run was killed while it was missing. The caller
/// holds the lock, so no other run is active.
pub(super) fn tidy_up(folder: &Utf8Path) -> io::Result<()> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Ok(());
    };
    let mut left = Vec::new();
    for entry in entries(parent)? {
        let rest = entry.file_name().strip_prefix('.');
        let suffix = rest.and_then(|rest| rest.strip_prefix(name)).unwrap_or_default();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && (suffix.starts_with(".new-") || suffix.starts_with(".old-")) {
            left.push((suffix.starts_with(".old-"), entry.into_path()));
        }
    }
    for (is_former, path) in left {
        if is_former && folder.symlink_metadata().is_err() {
            fs::rename(&path, folder)?;
        } else {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

/// Whether a file in the folder was left by a killed run of an earlier version.
fn is_left_over(name: &str) -> bool {
    name.strip_prefix(".flux-infra-guide-")
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// A new, empty folder beside another.
fn beside(folder: &Utf8Path, word: &str) -> io::Result<Utf8PathBuf> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut builder = tempfile::Builder::new();
    let prefix = format!(".{name}.{word}-");
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask restricts it, as for any new folder.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let created = builder.tempdir_in(parent)?.keep();
    Utf8PathBuf::from_path_buf(created).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Links the contents of a folder into another, except files that change.
fn copy(
    folder: &Utf8Path,
    next: &Utf8Path,
    below: &Utf8Path,
    changes: &BTreeMap<&Utf8Path, Wanted<'_>>,
) -> Result<(), EmitError> {
    let present = folder.join(below);
    let fault = EmitError::read::<io::Error>(&present);
    for entry in fs::read_dir(&present).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let kind = entry.file_type().map_err(fault)?;
        let name = entry.file_name();
        let path = name.to_str().map(|name| below.join(name));
        if path.as_deref().is_some_and(|path| changes.contains_key(path))
            || name.to_str().is_some_and(is_left_over)
        {
            continue;
        }
        let to = next.join(below).into_std_path_buf().join(&name);
        if !kind.is_dir() {
            link(&entry.path(), &to, kind).map_err(fault)?;
            continue;
        }
        let Some(path) = path else {
            return Err(fault(io::Error::other(
                "it holds a folder whose name is not UTF-8",
            )));
        };
        fs::create_dir(&to).map_err(fault)?;
        copy(folder, next, &path, changes)?;
        // A folder that a removal empties is removed too.
        let mut inside = changes
            .iter()
            .filter(|(change, _)| change.starts_with(&path))
            .peekable();
        if inside.peek().is_some() && inside.all(|(_, wanted)| matches!(wanted, Wanted::Nothing)) {
            let _ = fs::remove_dir(&to);
        }
    }
    Ok(())
}

/// Links a file. Copies it with mode and modification time if the file system has no links.
fn link(from: &std::path::Path, to: &std::path::Path, kind: fs::FileType) -> io::Result<()> {
    if kind.is_symlink() {
        #[cfg(unix)]
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    match fs::hard_link(from, to) {
        Err(_) if kind.is_file() => {
            fs::copy(from, to)?;
            let modified = fs::metadata(from)?.modified()?;
            fs::File::options().write(true).open(to)?.set_modified(modified)
        }
        linked => linked,
    }
}

/// Gives folders the modes of those that they replace, the innermost first.
fn set_modes(folder: &Utf8Path, next: &Utf8Path) -> io::Result<()> {
    for entry in fs::read_dir(next)? {
        let entry = entry?;
        if let (true, Some(name)) = (entry.file_type()?.is_dir(), entry.file_name().to_str())
            && let present = folder.join(name)
            && present.symlink_metadata().is_ok_and(|present| present.is_dir())
        {
            set_modes(&present, &next.join(name))?;
        }
    }
    fs::set_permissions(next, fs::metadata(folder)?.permissions())
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Utf8Path, other: &Utf8Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let (one, other) = (one.as_std_path(), other.as_std_path());
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Utf8Path, _: &Utf8Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a system or file system does not know how to exchange.
fn is_unknown(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

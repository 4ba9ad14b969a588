//! Errors of writing catalogs.

use camino::{Utf8Path, Utf8PathBuf};

/// A file that could not be written, why, and what to do. Existing files are as they were.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {path}: {reason}")]
pub struct EmitError {
    /// What failed.
    pub kind: EmitErrorKind,
    /// The file or folder.
    pub path: Utf8PathBuf,
    /// Why, in words.
    pub reason: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmitErrorKind {
    /// An existing file or folder cannot be read.
    Read,
    /// A file or folder cannot be made or replaced.
    Write,
    /// A symbolic link is in the place of a file or folder to be written.
    Symlink,
    /// A cluster's name cannot be a folder name.
    ClusterName,
    /// The content cannot be put into JSON.
    Encode,
}

impl std::fmt::Display for EmitErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EmitErrorKind::Read => "cannot read",
            EmitErrorKind::Write => "cannot write",
            EmitErrorKind::Symlink => "will not write through a symbolic link:",
            EmitErrorKind::ClusterName => "cannot name a data folder",
            EmitErrorKind::Encode => "cannot encode",
        })
    }
}

impl EmitError {
    /// Puts the path to the reason why it cannot be read.
    pub(crate) fn read<E: ToString>(path: &Utf8Path) -> impl Fn(E) -> Self + Copy + '_ {
        move |reason| EmitError::new(EmitErrorKind::Read, path, reason)
    }

    /// Puts the path to the reason why it cannot be written.
    pub(crate) fn write<E: ToString>(path: &Utf8Path) -> impl Fn(E) -> Self + Copy + '_ {
        move |reason| EmitError::new(EmitErrorKind::Write, path, reason)
    }

    pub(crate) fn new(kind: EmitErrorKind, path: &Utf8Path, reason: impl ToString) -> Self {
        EmitError {
            kind,
            path: path.to_owned(),
            reason: reason.to_string(),
            hint: match kind {
                EmitErrorKind::Read => "check that it is a readable file or folder",
                EmitErrorKind::Write => {
                    "check the folder's permissions and the free space, or name another folder with --out"
                }
                EmitErrorKind::Symlink => "remove the link, or name the folder that it leads to with --out",
                EmitErrorKind::ClusterName => "give each cluster a different name with --cluster NAME=PATH",
                EmitErrorKind::Encode => "report this as a defect",
            },
        }
    }
}

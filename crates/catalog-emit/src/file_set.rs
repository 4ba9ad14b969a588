//! Contents by path turn into files, all of them or none.
//!
//! Every file is first written beside its place under a temporary name; only when all are there are they renamed. What is
//! already as it should be is left alone. Below the root no symbolic link is followed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use tempfile::{NamedTempFile, TempPath};

use crate::error::{EmitError, EmitErrorKind};

/// Files to be written and removed below one root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet {
    root: Utf8PathBuf,
    contents: BTreeMap<Utf8PathBuf, Vec<u8>>,
    removals: Vec<Utf8PathBuf>,
}

/// What a [`FileSet`] did. Paths are relative to its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Files that were written.
    pub written: Vec<Utf8PathBuf>,
    /// Files that were as they should be.
    pub unchanged: Vec<Utf8PathBuf>,
    /// Files that were removed.
    pub removed: Vec<Utf8PathBuf>,
}

/// A file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDifference {
    /// Path below the root.
    pub path: Utf8PathBuf,
    /// What would happen to it.
    pub change: Change,
    /// Unified diff from what is there to what should be.
    pub diff: String,
}

/// What would happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is missing.
    Added,
    /// It has another content.
    Changed,
    /// It should not be there.
    Removed,
}

impl FileSet {
    /// An empty set below `root`.
    pub fn new(root: impl Into<Utf8PathBuf>) -> Self {
        FileSet {
            root: root.into(),
            ..FileSet::default()
        }
    }

    /// The folder below which everything lies.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// The files that should be there, with their contents.
    pub fn contents(&self) -> impl Iterator<Item = (&Utf8Path, &[u8])> {
        self.contents
            .iter()
            .map(|(path, content)| (path.as_path(), content.as_slice()))
    }

    /// Adds a file.
    ///
    /// # Errors
    /// [`EmitErrorKind::Write`] for a path that is not plainly below the root.
    pub fn add(
        &mut self,
        path: impl Into<Utf8PathBuf>,
        content: impl Into<Vec<u8>>,
    ) -> Result<(), EmitError> {
        let path = path.into();
        self.below_root(&path)?;
        self.contents.insert(path, content.into());
        Ok(())
    }

    /// Adds a file that should not be there.
    ///
    /// # Errors
    /// As [`FileSet::add`].
    pub fn remove(&mut self, path: impl Into<Utf8PathBuf>) -> Result<(), EmitError> {
        let path = path.into();
        self.below_root(&path)?;
        self.removals.push(path);
        Ok(())
    }

    /// Adds everything of `other`, whose root lies at `folder` below this root.
    ///
    /// # Errors
    /// As [`FileSet::add`].
    pub fn merge(&mut self, folder: &Utf8Path, other: FileSet) -> Result<(), EmitError> {
        for (path, content) in other.contents {
            self.add(folder.join(path), content)?;
        }
        for path in other.removals {
            self.remove(folder.join(path))?;
        }
        Ok(())
    }

    /// What [`FileSet::apply`] would change, in path order.
    ///
    /// # Errors
    /// [`EmitErrorKind::Read`] for a file that is there and cannot be read.
    pub fn differences(&self) -> Result<Vec<FileDifference>, EmitError> {
        let mut differences = Vec::new();
        for (path, content) in &self.contents {
            let present = self.read(path)?;
            if present.as_ref() != Some(content) {
                differences.push(FileDifference {
                    path: path.clone(),
                    change: if present.is_some() {
                        Change::Changed
                    } else {
                        Change::Added
                    },
                    diff: unified_diff(path, present.as_deref(), Some(content)),
                });
            }
        }
        for path in &self.removals {
            if let Some(present) = self.read(path)? {
                differences.push(FileDifference {
                    path: path.clone(),
                    change: Change::Removed,
                    diff: unified_diff(path, Some(&present), None),
                });
            }
        }
        differences.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(differences)
    }

    /// Brings the files below the root to what they should be.
    ///
    /// # Errors
    /// [`EmitError`] where that is not possible; then everything is as it was before.
    pub fn apply(&self) -> Result<WriteReport, EmitError> {
        let mut report = WriteReport::default();
        let mut changes = Vec::new();
        for (path, content) in &self.contents {
            self.refuse_links(path)?;
            let present = self.read(path)?;
            if present.as_ref() == Some(content) {
                report.unchanged.push(path.clone());
            } else {
                changes.push((path, content, present));
            }
        }
        for path in &self.removals {
            self.refuse_links(path)?;
        }

        let mut folders = MadeFolders::default();
        let mut staged: Vec<(&Utf8PathBuf, TempPath, Option<Vec<u8>>)> = Vec::new();
        for (path, content, present) in changes {
            match self.stage(path, content, &mut folders) {
                Ok(temporary) => staged.push((path, temporary, present)),
                Err(error) => {
                    drop(staged);
                    folders.undo();
                    return Err(error);
                }
            }
        }

        let mut replaced: Vec<(&Utf8PathBuf, Option<Vec<u8>>)> = Vec::new();
        for (path, temporary, present) in staged {
            let target = self.root.join(path);
            if let Err(error) = temporary.persist(&target) {
                for (path, before) in replaced {
                    self.restore(path, before);
                }
                folders.undo();
                return Err(EmitError::new(EmitErrorKind::Write, &target, error.error));
            }
            replaced.push((path, present));
        }
        report.written = replaced.into_iter().map(|(path, _)| path.clone()).collect();

        for path in &self.removals {
            let target = self.root.join(path);
            match fs::remove_file(&target) {
                Ok(()) => report.removed.push(path.clone()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(EmitError::new(EmitErrorKind::Write, &target, error)),
            }
            self.remove_empty_folders(path);
        }
        Ok(report)
    }

    /// The present content; `None` where there is no file.
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>, EmitError> {
        let target = self.root.join(path);
        match fs::read(&target) {
            Ok(content) => Ok(Some(content)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(EmitError::new(EmitErrorKind::Read, &target, error)),
        }
    }

    fn below_root(&self, path: &Utf8Path) -> Result<(), EmitError> {
        let plain = path
            .components()
            .all(|part| matches!(part, Utf8Component::Normal(_)));
        if plain && path.components().next().is_some() {
            return Ok(());
        }
        Err(EmitError::new(
            EmitErrorKind::Write,
            &self.root.join(path),
            "the path leaves the output folder",
        ))
    }

    /// The root is the caller's choice and may be reached through links; below it a link could lead anywhere.
    fn refuse_links(&self, path: &Utf8Path) -> Result<(), EmitError> {
        let mut place = self.root.clone();
        for part in path.components() {
            place.push(part);
            match fs::symlink_metadata(&place) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(EmitError::new(EmitErrorKind::Symlink, &place, "it is one"));
                }
                // What is missing has nothing below it; other faults show when the file is written.
                Ok(_) => {}
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    fn stage(
        &self,
        path: &Utf8Path,
        content: &[u8],
        folders: &mut MadeFolders,
    ) -> Result<TempPath, EmitError> {
        let target = self.root.join(path);
        let fault = |error: io::Error| EmitError::new(EmitErrorKind::Write, &target, error);
        let folder = target.parent().unwrap_or(&self.root);
        folders.make(folder).map_err(fault)?;
        if target.is_dir() {
            return Err(EmitError::new(
                EmitErrorKind::Write,
                &target,
                "a folder stands in its place",
            ));
        }
        let mut file = temporary(folder).map_err(fault)?;
        file.write_all(content)
            .and_then(|()| file.flush())
            .map_err(fault)?;
        Ok(file.into_temp_path())
    }

    /// Puts back what a failed run had replaced. Nothing more can be done where even that fails.
    fn restore(&self, path: &Utf8Path, before: Option<Vec<u8>>) {
        let target = self.root.join(path);
        match before {
            None => {
                let _ = fs::remove_file(&target);
            }
            Some(content) => {
                let folder = target.parent().unwrap_or(&self.root);
                if let Ok(mut file) = temporary(folder)
                    && file.write_all(&content).is_ok()
                {
                    let _ = file.persist(&target);
                }
            }
        }
    }

    /// Folders that a removal emptied go with it; the first that still holds something stays, and all above it.
    fn remove_empty_folders(&self, path: &Utf8Path) {
        for folder in path.ancestors().skip(1) {
            if folder.as_str().is_empty() || fs::remove_dir(self.root.join(folder)).is_err() {
                return;
            }
        }
    }
}

/// A temporary file with the permissions that a new file gets by default, where tempfile would deny others to read.
fn temporary(folder: &Utf8Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flux-infra-guide-");
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        // The umask takes away what it must.
        fs::Permissions::from_mode(0o666)
    };
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(folder)
}

/// Folders that were made on the way, so that a failed run can take them away.
#[derive(Default)]
struct MadeFolders(Vec<Utf8PathBuf>);

impl MadeFolders {
    fn make(&mut self, folder: &Utf8Path) -> io::Result<()> {
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

    fn undo(self) {
        for folder in self.0.into_iter().rev() {
            // A folder that another process has filled meanwhile stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn unified_diff(path: &Utf8Path, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let name = |side: &str, content: Option<&[u8]>| match content {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let text = |content: Option<&[u8]>| String::from_utf8_lossy(content.unwrap_or_default()).into_owned();
    let (old, new) = (text(before), text(after));
    similar::TextDiff::from_lines(old.as_str(), new.as_str())
        .unified_diff()
        .context_radius(1)
        .header(&name("a", before), &name("b", after))
        .to_string()
}

//! Atomic writing of several files: all of them or none.
//!
//! Folders that are marked as [`FileSet::whole`] change in one step each. Other files are first written beside their place
//! under a temporary name, and renamed when all are there. Files that are already as they should be are left alone; below the
//! root no symbolic link is followed.

mod difference;
mod output_lock;
mod whole_folder;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};

use camino::{Utf8Component, Utf8DirEntry, Utf8Path, Utf8PathBuf};
use source_tree::regular_file;
use tempfile::{NamedTempFile, TempPath};

use crate::error::{EmitError, EmitErrorKind};
use output_lock::CreatedFolders;
use whole_folder::NextState;

pub use difference::{Change, FileDifference};
pub use output_lock::OutputLock;

/// Largest file that is read to be compared, in bytes.
pub(crate) const LARGEST: u64 = 512 << 20;

/// Files to be written and removed below one root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet {
    root: Utf8PathBuf,
    contents: BTreeMap<Utf8PathBuf, Vec<u8>>,
    removals: Vec<Utf8PathBuf>,
    whole: BTreeSet<Utf8PathBuf>,
}

/// The outcome of [`FileSet::apply`]. Paths are relative to the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Files that were written.
    pub written: Vec<Utf8PathBuf>,
    /// Files that were as they should be.
    pub unchanged: Vec<Utf8PathBuf>,
    /// Files that were removed.
    pub removed: Vec<Utf8PathBuf>,
}

/// What should be at a path.
enum Wanted<'c> {
    Content(&'c [u8]),
    Nothing,
}

/// A file that was replaced, with its content before.
type Replaced<'p> = (&'p Utf8Path, Option<Vec<u8>>);

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

    /// Marks a folder below the root (the root itself if `folder` is empty) as changing in one step, with everything in it. No
    /// such folder is inside another.
    pub fn whole(&mut self, folder: impl Into<Utf8PathBuf>) {
        self.whole.insert(folder.into());
    }

    /// Adds everything of `other`, whose root is `folder` below this root.
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
                differences.push(FileDifference::new(path, present.as_deref(), Some(content)));
            }
        }
        for path in &self.removals {
            if let Some(present) = self.read(path)? {
                differences.push(FileDifference::new(path, Some(&present), None));
            }
        }
        differences.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(differences)
    }

    /// Makes the files below the root what they should be. If other processes may write there too, the caller holds an
    /// [`OutputLock`].
    ///
    /// # Errors
    /// [`EmitError`] where that is not possible; then everything is as it was before.
    pub fn apply(&self) -> Result<WriteReport, EmitError> {
        for folder in self.whole_folders()?.values() {
            whole_folder::tidy_up(folder).map_err(EmitError::write(folder))?;
        }
        let mut report = WriteReport::default();
        let mut changes: BTreeMap<&Utf8Path, Wanted<'_>> = BTreeMap::new();
        for (path, content) in &self.contents {
            self.refuse_links(path)?;
            let target = self.root.join(path);
            let has_content = regular_file::has_content(&target, content);
            if or_absent(has_content).map_err(EmitError::read(&target))? == Some(true) {
                report.unchanged.push(path.clone());
            } else {
                self.refuse_folder(path)?;
                report.written.push(path.clone());
                changes.insert(path, Wanted::Content(content));
            }
        }
        for path in &self.removals {
            self.refuse_links(path)?;
            if self.root.join(path).symlink_metadata().is_ok() {
                report.removed.push(path.clone());
                changes.insert(path, Wanted::Nothing);
            }
        }
        self.refuse_read_only(&changes)?;
        let mut created = CreatedFolders::default();
        if let Err(error) = self.change(changes, &mut created) {
            created.undo();
            return Err(error);
        }
        Ok(report)
    }

    /// Makes all changes, whole folders last: until then nothing has changed.
    fn change(
        &self,
        mut changes: BTreeMap<&Utf8Path, Wanted<'_>>,
        created: &mut CreatedFolders,
    ) -> Result<(), EmitError> {
        let mut next = Vec::new();
        for (below, folder) in self.whole_folders()? {
            let inner: BTreeMap<&Utf8Path, Wanted<'_>> = changes
                .extract_if(.., |path, _| path.starts_with(&below))
                .filter_map(|(path, wanted)| Some((path.strip_prefix(&below).ok()?, wanted)))
                .collect();
            if inner.is_empty() {
                continue;
            }
            if let Some(parent) = folder.parent() {
                created.make(parent).map_err(EmitError::write(parent))?;
            }
            next.push(NextState::stage(&folder, &inner)?);
        }
        let replaced = self.replace(&changes, created)?;
        for index in 0..next.len() {
            let taken = next.get_mut(index).map_or(Ok(()), NextState::take_place);
            if let Err(error) = taken {
                next.iter_mut().take(index).for_each(NextState::give_back);
                for (path, before) in replaced {
                    self.restore(path, before);
                }
                return Err(error);
            }
        }
        for (path, wanted) in &changes {
            if matches!(wanted, Wanted::Nothing) {
                let target = self.root.join(path);
                match fs::remove_file(&target) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(EmitError::new(EmitErrorKind::Write, &target, error));
                    }
                    _ => self.remove_empty_folders(path),
                }
            }
        }
        Ok(())
    }

    /// Replaces files one by one, and returns their former contents.
    fn replace<'c>(
        &self,
        changes: &BTreeMap<&'c Utf8Path, Wanted<'_>>,
        created: &mut CreatedFolders,
    ) -> Result<Vec<Replaced<'c>>, EmitError> {
        let mut staged: Vec<(&Utf8Path, TempPath)> = Vec::new();
        for (path, wanted) in changes {
            if let Wanted::Content(content) = wanted {
                staged.push((path, self.stage(path, content, created)?));
            }
        }
        let mut replaced: Vec<Replaced<'_>> = Vec::new();
        for (path, temporary) in staged {
            let target = self.root.join(path);
            let before = self.read(path)?;
            if let Err(error) = temporary.persist(&target) {
                for (path, before) in replaced {
                    self.restore(path, before);
                }
                return Err(EmitError::new(EmitErrorKind::Write, &target, error.error));
            }
            replaced.push((path, before));
        }
        Ok(replaced)
    }

    /// The folders that change in one step, by their paths below the root. If the root is a link, the folder is its target.
    fn whole_folders(&self) -> Result<BTreeMap<Utf8PathBuf, Utf8PathBuf>, EmitError> {
        let mut folders = BTreeMap::new();
        for below in &self.whole {
            let mut folder = self.root.join(below);
            if below.as_str().is_empty() && self.root.exists() {
                let real = self.root.canonicalize_utf8();
                folder = real.map_err(EmitError::read(&self.root))?;
            }
            // `join` of an empty path ends in a slash.
            let folder = folder.components().collect();
            folders.insert(below.clone(), folder);
        }
        Ok(folders)
    }

    /// The present content; `None` where there is no file.
    fn read(&self, path: &Utf8Path) -> Result<Option<Vec<u8>>, EmitError> {
        let target = self.root.join(path);
        present(&target).map_err(EmitError::read(&target))
    }

    fn below_root(&self, path: &Utf8Path) -> Result<(), EmitError> {
        let plain = path
            .components()
            .all(|part| matches!(part, Utf8Component::Normal(_)));
        if plain && path.components().next().is_some() {
            return Ok(());
        }
        let target = self.root.join(path);
        Err(EmitError::write(&target)("the path leaves the output folder"))
    }

    /// Refuses links below the root, which could lead anywhere. The root itself is the caller's choice and may be a link.
    fn refuse_links(&self, path: &Utf8Path) -> Result<(), EmitError> {
        let mut place = self.root.clone();
        for part in path.components() {
            place.push(part);
            match fs::symlink_metadata(&place) {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(EmitError::new(EmitErrorKind::Symlink, &place, "it is one"));
                }
                // Nothing is below a missing folder; other faults show when the file is written.
                Ok(_) => {}
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Refuses a folder in place of a file, and the reverse.
    fn refuse_folder(&self, path: &Utf8Path) -> Result<(), EmitError> {
        let mut place = self.root.clone();
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            place.push(part);
            let is_last = parts.peek().is_none();
            let reason = match fs::symlink_metadata(&place) {
                Ok(present) if is_last && present.is_dir() => "a folder is in its place",
                Ok(present) if !is_last && !present.is_dir() => "a file is where a folder is needed",
                _ => continue,
            };
            return Err(EmitError::new(EmitErrorKind::Write, &place, reason));
        }
        Ok(())
    }

    /// Refuses changes in folders without write permission, which exchanging the folder above would circumvent.
    fn refuse_read_only(&self, changes: &BTreeMap<&Utf8Path, Wanted<'_>>) -> Result<(), EmitError> {
        #[cfg(unix)]
        for path in changes.keys() {
            let target = self.root.join(path);
            let folder = target.ancestors().skip(1).find(|folder| folder.is_dir());
            if let Some(folder) = folder {
                let access = rustix::fs::access(folder.as_std_path(), rustix::fs::Access::WRITE_OK);
                access
                    .map_err(io::Error::from)
                    .map_err(EmitError::write(&target))?;
            }
        }
        #[cfg(not(unix))]
        let _ = changes;
        Ok(())
    }

    fn stage(
        &self,
        path: &Utf8Path,
        content: &[u8],
        created: &mut CreatedFolders,
    ) -> Result<TempPath, EmitError> {
        let target = self.root.join(path);
        let folder = target.parent().unwrap_or(&self.root);
        let staged = created.make(folder).and_then(|()| {
            let mut file = temporary(folder)?;
            file.write_all(content)?;
            file.flush()?;
            if let Ok(present) = target.symlink_metadata() {
                file.as_file().set_permissions(present.permissions())?;
            }
            Ok(file.into_temp_path())
        });
        staged.map_err(EmitError::write(&target))
    }

    /// Puts back a file that a failed run had replaced. If even that fails, nothing more can be done.
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

    /// Removes the folders that a removal emptied, up to the first that still holds something.
    fn remove_empty_folders(&self, path: &Utf8Path) {
        for folder in path.ancestors().skip(1) {
            if folder.as_str().is_empty() || fs::remove_dir(self.root.join(folder)).is_err() {
                return;
            }
        }
    }
}

/// The content of a file; `None` if there is none.
pub(crate) fn present(path: &Utf8Path) -> io::Result<Option<Vec<u8>>> {
    or_absent(regular_file::read(path, LARGEST))
}

/// `None` where there is no file.
fn or_absent<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// The entries of a folder whose names are UTF-8; none if there is no folder.
pub(crate) fn entries(folder: &Utf8Path) -> io::Result<impl Iterator<Item = Utf8DirEntry> + use<>> {
    let entries = match folder.read_dir_utf8() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    Ok(entries.into_iter().flatten().flatten())
}

/// A temporary file with the permissions that a new file gets by default. tempfile would deny others to read it.
fn temporary(folder: &Utf8Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flux-infra-guide-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask restricts it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

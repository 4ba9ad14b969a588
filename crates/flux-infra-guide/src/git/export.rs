//! A revision's files in a temporary folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};
use git_plumbing::{CommittedFile, NoAnswer, commit, files, read_files};

use crate::exit::Failure;

/// Most bytes of all files of a revision.
const MAX_BYTES: u64 = 4 << 30;

/// A revision written to a folder of its own, which goes with this value.
pub(crate) struct Export {
    temporary: tempfile::TempDir,
}

impl Export {
    /// The folder.
    pub(crate) fn folder(&self) -> &Utf8Path {
        Utf8Path::from_path(self.temporary.path()).unwrap_or(Utf8Path::new(""))
    }
}

/// Writes the files of a revision of the repository around `folder` to a temporary folder, bytes as they were committed.
/// Of a file that is larger than `limit` only the size is kept, so that its reader says so.
pub(crate) fn export(folder: &Utf8Path, revision: &str, limit: u64) -> Result<Export, Failure> {
    let commit = commit(folder, revision).map_err(|error| {
        Failure::input(format!(
            "{revision} is neither a folder nor a revision of {folder} ({error})"
        ))
        .hint("name a commit, tag or branch of the Git repository, or the folder of a working tree")
    })?;
    let temporary =
        tempfile::tempdir().map_err(|error| Failure::output(format!("no temporary folder: {error}")))?;
    let export = Export { temporary };
    let failed = |error: &dyn std::fmt::Display| {
        Failure::input(format!("cannot read the files of {revision}: {error}"))
    };
    let files = files(folder, &commit).map_err(|error| failed(&error))?;
    write(folder, &files, export.folder(), limit).map_err(|error| failed(&error))?;
    Ok(export)
}

/// Writes files, links last: nothing is written through one.
fn write(folder: &Utf8Path, files: &[CommittedFile], target: &Utf8Path, limit: u64) -> Result<(), NoAnswer> {
    let mut links: Vec<(String, Utf8PathBuf)> = Vec::new();
    let mut folders = BTreeSet::new();
    let mut total = 0;
    read_files(folder, files, |file, bytes, content| {
        total += bytes;
        if total > MAX_BYTES {
            return Err(NoAnswer(format!("its files have more than {MAX_BYTES} bytes")));
        }
        let path = target.join(&file.path);
        if file.is_link {
            let mut to = String::new();
            if content.take(4096).read_to_string(&mut to).is_ok() {
                links.push((to, path));
            }
            return Ok(());
        }
        let unwritten = |error: io::Error| NoAnswer(format!("{}: {error}", file.path));
        if let Some(parent) = path.parent()
            && folders.insert(parent.to_owned())
        {
            fs::create_dir_all(parent).map_err(unwritten)?;
        }
        let mut out = fs::File::create_new(&path).map_err(unwritten)?;
        if bytes > limit {
            return out.set_len(bytes).map_err(unwritten);
        }
        io::copy(content, &mut out).map_err(unwritten)?;
        Ok(())
    })?;
    for (to, path) in links {
        #[cfg(unix)]
        {
            if let Some(parent) = path.parent() {
                let _ = fs::create_dir_all(parent);
            }
            // What stands there already is another file of that name.
            let _ = std::os::unix::fs::symlink(to, path);
        }
        #[cfg(not(unix))]
        let _ = (to, path);
    }
    Ok(())
}

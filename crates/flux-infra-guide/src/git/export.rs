//! A revision's files in a temporary folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};

use camino::{Utf8Path, Utf8PathBuf};

use super::plumbing::{NoAnswer, Plumbing};
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
    let commit = commit(folder, revision)?;
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

/// The commit that a revision names.
fn commit(folder: &Utf8Path, revision: &str) -> Result<String, Failure> {
    let wanted = format!("{revision}^{{commit}}");
    let asked = Plumbing::start(
        folder,
        &["rev-parse", "--verify", "--end-of-options", &wanted],
        None,
    );
    let answer = asked.and_then(Plumbing::answer).map_err(|error| {
        Failure::input(format!(
            "{revision} is neither a folder nor a revision of {folder} ({error})"
        ))
        .hint("name a commit, tag or branch of the Git repository, or the folder of a working tree")
    })?;
    Ok(String::from_utf8_lossy(&answer).trim().to_owned())
}

/// A file of a revision.
struct CommittedFile {
    object: String,
    is_link: bool,
    path: Utf8PathBuf,
}

/// The files of a commit below the folder that is asked about. Submodules are left out, as they are not there.
fn files(folder: &Utf8Path, commit: &str) -> Result<Vec<CommittedFile>, NoAnswer> {
    let listing = Plumbing::start(folder, &["ls-tree", "-r", "-z", commit], None)?.answer()?;
    let mut files = Vec::new();
    for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        // A name that is no UTF-8 cannot be written in a manifest either.
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let parts = line.split_once('\t').and_then(|(object, path)| {
            let mut words = object.split(' ');
            Some((words.next()?, words.next()?, words.next()?, path))
        });
        let Some((mode, "blob", object, path)) = parts else {
            continue;
        };
        if !is_plain(path) {
            return Err(NoAnswer(format!("it holds a file that is named {path:?}")));
        }
        files.push(CommittedFile {
            object: object.to_owned(),
            is_link: mode == "120000",
            path: path.into(),
        });
    }
    Ok(files)
}

/// Whether a path stays below the folder that it is written to, and out of a `.git`. Git itself refuses to check out others.
fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git") && !part.contains('\\')
    })
}

/// Writes files, links last: nothing is written through one.
fn write(folder: &Utf8Path, files: &[CommittedFile], target: &Utf8Path, limit: u64) -> Result<(), NoAnswer> {
    let wanted: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
    let git = Plumbing::start(folder, &["cat-file", "--batch"], Some(wanted.into_bytes()))?;
    let mut git = BufReader::new(git);
    let mut links = Vec::new();
    let mut folders = BTreeSet::new();
    let mut total = 0;
    for file in files {
        let bytes = header(&mut git, file)?;
        total += bytes;
        if total > MAX_BYTES {
            return Err(NoAnswer(format!("its files have more than {MAX_BYTES} bytes")));
        }
        let path = target.join(&file.path);
        if file.is_link {
            let mut to = String::new();
            let mut content = git.by_ref().take(bytes);
            let read = content.by_ref().take(4096).read_to_string(&mut to);
            io::copy(&mut content, &mut io::sink()).map_err(unread)?;
            if read.is_ok() {
                links.push((to, path));
            }
        } else {
            if let Some(parent) = path.parent()
                && folders.insert(parent.to_owned())
            {
                fs::create_dir_all(parent).map_err(|error| unwritten(&file.path, &error))?;
            }
            let mut out = fs::File::create_new(&path).map_err(|error| unwritten(&file.path, &error))?;
            let mut content = git.by_ref().take(bytes);
            if bytes > limit {
                io::copy(&mut content, &mut io::sink()).map_err(unread)?;
                out.set_len(bytes)
                    .map_err(|error| unwritten(&file.path, &error))?;
            } else {
                io::copy(&mut content, &mut out).map_err(unread)?;
            }
        }
        // Git ends each object with a line feed.
        git.read_exact(&mut [0]).map_err(unread)?;
    }
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
    git.into_inner().finish()
}

/// The size of the object that follows: `<name> blob <size>`.
fn header(git: &mut impl BufRead, file: &CommittedFile) -> Result<u64, NoAnswer> {
    let mut line = String::new();
    git.by_ref().take(256).read_line(&mut line).map_err(unread)?;
    let size = line
        .strip_prefix(file.object.as_str())
        .and_then(|rest| rest.trim_end().strip_prefix(" blob "))
        .and_then(|size| size.parse().ok());
    size.ok_or_else(|| {
        NoAnswer(match line.trim_end().ends_with(" missing") {
            true => format!("{} is not in this clone, and nothing is fetched", file.path),
            false => "git ended early".to_owned(),
        })
    })
}

fn unread(error: io::Error) -> NoAnswer {
    NoAnswer(format!("git ended early: {error}"))
}

fn unwritten(path: &Utf8Path, error: &io::Error) -> NoAnswer {
    NoAnswer(format!("{path}: {error}"))
}

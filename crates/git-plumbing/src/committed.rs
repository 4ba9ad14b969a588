//! The files of a commit with their bytes as committed, without filters.

use std::io::{self, BufRead, BufReader, Read};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::plumbing::plumbing;
use crate::process::{Input, NoAnswer, Process, Watched};

/// How long Git may be silent while it reads objects.
const SILENCE: Duration = Duration::from_secs(10);

/// How long Git may be silent for an answer that takes no time, such as a commit's name or a setting.
const SHORT_SILENCE: Duration = Duration::from_secs(4);

/// Longest first line of an answer, in bytes. It contains the object's path if that was requested.
const LONGEST_HEADER: u64 = 8 << 10;

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedFile {
    object: String,
    /// Whether it is a symbolic link, whose bytes are its target.
    pub is_link: bool,
    /// Its path, which does not leave the folder.
    pub path: Utf8PathBuf,
}

/// The commit that a revision names.
///
/// # Errors
/// [`NoAnswer`] if it names none.
pub fn commit(folder: &Utf8Path, revision: &str) -> Result<String, NoAnswer> {
    let wanted = format!("{revision}^{{commit}}");
    let answer = ask(folder, &["rev-parse", "--verify", "--end-of-options", &wanted])?.answer()?;
    Ok(String::from_utf8_lossy(&answer).trim().to_owned())
}

/// Whether the repository is a shallow clone, which has only the newest commits.
///
/// # Errors
/// [`NoAnswer`] if the folder is in no repository.
pub fn is_shallow(folder: &Utf8Path) -> Result<bool, NoAnswer> {
    let answer = ask(folder, &["rev-parse", "--is-shallow-repository"])?.answer()?;
    Ok(answer.trim_ascii() == b"true")
}

/// Whether a repository is a partial clone, which may lack files of its commits.
pub fn is_partial(folder: &Utf8Path) -> bool {
    let asked = ["config", "--get-regexp", r"^remote\..*\.promisor$"];
    let answer = ask(folder, &asked).and_then(Process::answer);
    answer.is_ok_and(|answer| !answer.trim_ascii().is_empty())
}

/// The files of a commit below a folder, without submodules, whose files are not in the repository.
///
/// # Errors
/// [`NoAnswer`] if Git fails, or a path would leave the folder that it is written to.
pub fn files(folder: &Utf8Path, commit: &str) -> Result<Vec<CommittedFile>, NoAnswer> {
    let listing = start(folder, &["ls-tree", "-r", "-z", commit], Input::Nothing)?.answer()?;
    let mut files = Vec::new();
    for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        // No manifest can state a name that is not UTF-8.
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

/// Calls `read` for each file, with its size and its content. Bytes that `read` leaves are skipped.
///
/// # Errors
/// [`NoAnswer`] if Git fails, and the error of `read`.
pub fn read_files(
    folder: &Utf8Path,
    files: &[CommittedFile],
    mut read: impl FnMut(&CommittedFile, u64, &mut dyn Read) -> Result<(), NoAnswer>,
) -> Result<(), NoAnswer> {
    let wanted: String = files.iter().map(|file| format!("{}\n", file.object)).collect();
    let git = start(folder, &["cat-file", "--batch"], Input::Text(wanted.into_bytes()))?;
    let mut git = BufReader::new(git);
    for file in files {
        let bytes = header(&mut git, "blob")?.ok_or_else(|| {
            NoAnswer(format!(
                "{} is not in this clone, and nothing is fetched",
                file.path
            ))
        })?;
        let mut content = git.by_ref().take(bytes);
        read(file, bytes, &mut content)?;
        io::copy(&mut content, &mut io::sink()).map_err(unread)?;
        // Git ends each object with a line feed.
        git.read_exact(&mut [0]).map_err(unread)?;
    }
    git.into_inner().finish()
}

pub(crate) fn start(folder: &Utf8Path, arguments: &[&str], input: Input) -> Result<Process, NoAnswer> {
    Process::start(plumbing(folder, arguments), input, SILENCE, Watched::Output)
}

fn ask(folder: &Utf8Path, arguments: &[&str]) -> Result<Process, NoAnswer> {
    let git = plumbing(folder, arguments);
    Process::start(git, Input::Nothing, SHORT_SILENCE, Watched::Output)
}

/// Whether a path stays in the folder that it is written to, and out of `.git`. Git itself refuses to check out others.
pub(crate) fn is_plain(path: &str) -> bool {
    path.split('/').all(|part| {
        !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git") && !part.contains('\\')
    })
}

/// Reads the line `<name> <kind> <size>` before an object, and returns the size. `None` if this clone lacks the object.
pub(crate) fn header(git: &mut impl BufRead, kind: &str) -> Result<Option<u64>, NoAnswer> {
    let mut line = String::new();
    let mut bounded = git.by_ref().take(LONGEST_HEADER);
    bounded.read_line(&mut line).map_err(unread)?;
    let line = line.trim_end();
    if line.ends_with(" missing") {
        return Ok(None);
    }
    let mut words = line.rsplit(' ');
    match (words.next().map(str::parse), words.next()) {
        (Some(Ok(size)), Some(word)) if word == kind => Ok(Some(size)),
        (Some(Ok(_)), Some(_)) => Err(NoAnswer(format!("it is no {kind}"))),
        _ => Err(NoAnswer("git ended early".to_owned())),
    }
}

pub(crate) fn unread(error: io::Error) -> NoAnswer {
    NoAnswer(format!("git ended early: {error}"))
}

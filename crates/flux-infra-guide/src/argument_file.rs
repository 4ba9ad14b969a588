//! Files that arguments name: read up to a limit and through links. Pipes are read only if the shell has opened them.

use std::fs::File;
use std::io;

use camino::Utf8Path;
use source_tree::Limits;

/// Reads a file that an argument names.
///
/// # Errors
/// Those of the operating system, [`io::ErrorKind::InvalidInput`] for pipes, sockets and devices, and
/// [`io::ErrorKind::FileTooLarge`] for files that are larger than any file of a repository may be.
pub(crate) fn read(path: &Utf8Path) -> io::Result<Vec<u8>> {
    let limit = Limits::default().file_bytes;
    // `<(command)` is the end of a pipe that the shell has open.
    let handed_over = ["/dev/fd/", "/proc/self/fd/"]
        .iter()
        .any(|folder| path.as_str().starts_with(folder))
        || path == "/dev/stdin";
    if !handed_over {
        return source_tree::regular_file::read(&path.canonicalize_utf8()?, limit);
    }
    source_tree::regular_file::read_within(File::open(path)?, limit)
}

/// As [`read`], for text.
///
/// # Errors
/// As [`read`], and [`io::ErrorKind::InvalidData`] if the file is not UTF-8.
pub(crate) fn read_text(path: &Utf8Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_and_pipes_are_not_waited_for() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temp.path()).unwrap();
        std::fs::write(folder.join("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", folder.join("link")).unwrap();
        assert_eq!(read_text(&folder.join("link")).unwrap(), "text");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.join("pipe").as_std_path(),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        for path in [folder.join("pipe"), "/dev/zero".into()] {
            assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }
}

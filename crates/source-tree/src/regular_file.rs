//! Regular files, opened so that a pipe, device, socket or link in their place is an error and never blocks.

use std::fs::{File, Metadata};
use std::io::{self, Read};

use camino::Utf8Path;

/// Opens a file for reading. The last part of the path must not be a link; links in the folders above are followed.
///
/// # Errors
/// Those of the operating system, and [`io::ErrorKind::InvalidInput`] for anything but a regular file.
pub fn open(path: &Utf8Path) -> io::Result<File> {
    open_with_metadata(path).map(|(file, _)| file)
}

fn open_with_metadata(path: &Utf8Path) -> io::Result<(File, Metadata)> {
    #[cfg(unix)]
    let file = File::from(
        rustix::fs::open(path.as_std_path(), open_flags(), rustix::fs::Mode::empty())
            .map_err(|error| refused(error.into()))?,
    );
    #[cfg(not(unix))]
    let file = File::open(path)?;
    regular(file)
}

/// Reads a whole file of at most `limit` bytes.
///
/// # Errors
/// As [`open`], and [`io::ErrorKind::FileTooLarge`] for a file with more bytes.
pub fn read(path: &Utf8Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_with_metadata(path)?;
    // The byte more shows the end of the file to a reader that would make room for more otherwise.
    let length = usize::try_from(metadata.len().min(limit)).unwrap_or_default();
    read_into(Vec::with_capacity(length.saturating_add(1)), file, limit)
}

/// Whether a file has exactly this content. It is compared in parts, so that nothing of it is kept.
///
/// # Errors
/// As [`open`].
pub fn has_content(path: &Utf8Path, content: &[u8]) -> io::Result<bool> {
    const PART: usize = 16 << 10;
    let (mut file, metadata) = open_with_metadata(path)?;
    if metadata.len() != content.len() as u64 {
        return Ok(false);
    }
    let mut part = [0; PART];
    let mut rest = content;
    loop {
        let length = match file.read(&mut part) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            length => length?,
        };
        rest = match part.get(..length).and_then(|part| rest.strip_prefix(part)) {
            Some([]) if length == 0 => return Ok(true),
            Some(rest) if length > 0 => rest,
            _ => return Ok(false),
        };
    }
}

/// Reads to the end, at most `limit` bytes.
///
/// # Errors
/// Those of the reader, and [`io::ErrorKind::FileTooLarge`] if there are more bytes.
pub fn read_within(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    read_into(Vec::new(), reader, limit)
}

fn read_into(mut bytes: Vec<u8>, reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

/// Flags for opening files: do not wait for a pipe's writer, follow no link, take no controlling terminal.
#[cfg(unix)]
pub(crate) fn open_flags() -> rustix::fs::OFlags {
    use rustix::fs::OFlags;
    OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC
}

/// The file and its metadata, if it is a regular file.
pub(crate) fn regular(file: File) -> io::Result<(File, Metadata)> {
    let metadata = file.metadata()?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Err(irregular(kind_name(metadata.file_type())))
}

/// The error for anything but a regular file.
pub(crate) fn irregular(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("is a {what}, not a regular file"),
    )
}

/// Systems report ELOOP for a link that is not followed, and ENXIO for a socket.
#[cfg(unix)]
pub(crate) fn refused(error: io::Error) -> io::Error {
    match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::LOOP) => irregular("symbolic link"),
        Some(rustix::io::Errno::NXIO) => irregular("socket"),
        _ => error,
    }
}

/// The word for a type of file that is neither file nor folder.
pub(crate) fn kind_name(kind: std::fs::FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "pipe";
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "device";
        }
    }
    if kind.is_symlink() {
        "symbolic link"
    } else {
        "special file"
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn content_is_compared_to_its_end() {
        let temp = tempfile::tempdir().unwrap();
        let file = Utf8Path::from_path(temp.path()).unwrap().join("file");
        let content: Vec<u8> = (0..100_000_u32).map(|index| index as u8).collect();
        for (length, other) in [(0, 1), (1, 0), (16_384, 16_385), (100_000, 99_999)] {
            let (content, other) = (&content[..length], &content[..other]);
            std::fs::write(&file, content).unwrap();
            assert!(has_content(&file, content).unwrap());
            assert!(!has_content(&file, other).unwrap());
            let mut changed = content.to_vec();
            if let Some(last) = changed.last_mut() {
                *last ^= 1;
                assert!(!has_content(&file, &changed).unwrap());
            }
            assert_eq!(read(&file, 100_000).unwrap(), content);
        }
        assert!(read(&file, 99_999).is_err());
    }

    #[test]
    fn other_kinds_of_files_are_errors_without_waiting() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(temp.path()).unwrap();
        let message = |path: &Utf8Path| read(path, 9).unwrap_err().to_string();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.join("pipe").as_std_path(),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        assert_eq!(message(&folder.join("pipe")), "is a pipe, not a regular file");
        let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
        assert_eq!(message(&folder.join("socket")), "is a socket, not a regular file");
        assert_eq!(message("/dev/zero".into()), "is a device, not a regular file");
        std::os::unix::fs::symlink("/dev/zero", folder.join("link")).unwrap();
        assert_eq!(
            message(&folder.join("link")),
            "is a symbolic link, not a regular file"
        );
        assert_eq!(read(folder, 9).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let temp = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(temp.path()).unwrap().join("file");
        std::fs::write(&path, "123").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"123");
        assert_eq!(read(&path, 2).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        // Larger than any disk: only the limit is read of it.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read(&path, 99).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}

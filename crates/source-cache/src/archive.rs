//! The files of a compressed tar archive, in memory.
//!
//! Only regular files count, as everywhere in an artifact. An archive that names a file outside of itself is refused as a whole:
//! it is malicious or broken.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use source_tree::{Limits, MemoryTree, RepoPath};
use tar::{Archive, EntryType};
use thiserror::Error;

/// Most files of an archive.
const MAX_FILES: usize = 100_000;
/// Most bytes of all files of an archive, unpacked.
const MAX_BYTES: u64 = 1 << 30;

/// Why an archive cannot be unpacked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ArchiveError {
    /// It is not a tar archive compressed by gzip, or ends early.
    #[error("it cannot be unpacked: {0}")]
    Broken(String),
    /// A file of it leads out of the archive.
    #[error("it holds {0:?}, which leads out of the archive")]
    Outside(String),
    /// It unpacks to more than the limits allow.
    #[error("it unpacks to more than {0}")]
    TooLarge(String),
}

/// Unpacks a tar archive that is compressed by gzip.
///
/// # Errors
/// [`ArchiveError`].
pub fn unpack(bytes: &[u8], limits: &Limits) -> Result<MemoryTree, ArchiveError> {
    let broken = |error: std::io::Error| ArchiveError::Broken(error.to_string());
    if !bytes.starts_with(b"\x1f\x8b") {
        return Err(ArchiveError::Broken("it is not compressed by gzip".to_owned()));
    }
    // Leaves room for headers and padding of the largest number of files.
    let unpacked = MultiGzDecoder::new(bytes).take(2 * MAX_BYTES);
    let mut archive = Archive::new(unpacked);
    let mut tree = MemoryTree::new();
    let (mut files, mut total) = (0, 0_u64);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = RepoPath::root().checked_join(&name);
        let Some(path) = path.filter(|_| !name.starts_with('/')) else {
            return Err(ArchiveError::Outside(name));
        };
        if !matches!(kind, EntryType::Regular | EntryType::Continuous) || path.is_root() {
            continue;
        }
        files += 1;
        total = total.saturating_add(entry.size());
        if files > MAX_FILES {
            return Err(ArchiveError::TooLarge(format!("{MAX_FILES} files")));
        }
        if total > MAX_BYTES {
            return Err(ArchiveError::TooLarge(format!("{MAX_BYTES} bytes")));
        }
        if entry.size() > limits.file_bytes {
            return Err(ArchiveError::TooLarge(format!(
                "{} bytes in the file {name:?}",
                limits.file_bytes
            )));
        }
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(broken)?;
        if (content.len() as u64) < entry.size() {
            return Err(ArchiveError::Broken("it ends within a file".to_owned()));
        }
        tree.insert(path, content);
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use source_tree::SourceTree;
    use std::io::Write;
    use tar::{Builder, Header};

    fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (name, kind, content) in entries {
            let mut header = Header::new_gnu();
            // `set_path` refuses what an attacker writes.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&builder.into_inner().unwrap()).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn regular_files_are_unpacked_and_nothing_else() {
        let bytes = archive(&[
            ("./", EntryType::Directory, ""),
            ("./a/b.yaml", EntryType::Regular, "x"),
            ("link", EntryType::Symlink, ""),
            ("pipe", EntryType::Fifo, ""),
        ]);
        let tree = unpack(&bytes, &Limits::default()).unwrap();
        assert_eq!(&*tree.read(&"a/b.yaml".into()).unwrap(), b"x");
        assert_eq!(tree.list(&RepoPath::root()).unwrap().len(), 1);
    }

    #[test]
    fn bad_archives_are_refused() {
        let limits = Limits {
            file_bytes: 2,
            ..Limits::default()
        };
        for name in ["../x", "a/../../x", "/etc/passwd"] {
            let bytes = archive(&[(name, EntryType::Regular, "x")]);
            let error = unpack(&bytes, &limits).unwrap_err();
            assert_eq!(error, ArchiveError::Outside(name.to_owned()));
        }
        let large = archive(&[("a", EntryType::Regular, "xyz")]);
        assert!(matches!(unpack(&large, &limits), Err(ArchiveError::TooLarge(_))));
        let cut = &large[..large.len() / 2];
        assert!(matches!(unpack(cut, &limits), Err(ArchiveError::Broken(_))));
        assert!(matches!(unpack(b"<html>", &limits), Err(ArchiveError::Broken(_))));
    }
}

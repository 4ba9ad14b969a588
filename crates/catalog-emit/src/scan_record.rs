//! The last scan turns into `.scan.json` beside the catalogs, and back into whether they are stale.

use std::fmt;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::metadata::{GENERATOR, SCHEMA_VERSION};

/// What was scanned when the catalogs were written. It is no catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanRecord {
    /// Version of the catalogs' layout.
    pub schema_version: u32,
    /// The program.
    pub generator: String,
    /// Digest of the tree, by [`TreeDigest`].
    pub digest: String,
    /// The clusters, by name or path.
    pub clusters: Vec<String>,
}

/// Whether catalogs are stale, as far as that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// The tree is the one that was scanned.
    Fresh,
    /// The tree is another.
    Stale,
    /// Another version of the program wrote them: the same tree may yield more now.
    OtherGenerator,
}

/// Why a scan record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScanRecordError {
    /// There is none.
    #[error("no scan record at {path}")]
    Missing {
        /// Where it was looked for.
        path: Utf8PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no scan record.
    #[error("{path} is no scan record: {error}")]
    Invalid {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        error: serde_json::Error,
    },
}

impl ScanRecord {
    /// The file's name in the data folder.
    pub const FILE_NAME: &'static str = ".scan.json";

    /// A record of a scan by this version of the program.
    pub fn new(digest: String, clusters: Vec<String>) -> Self {
        ScanRecord {
            schema_version: SCHEMA_VERSION,
            generator: GENERATOR.to_owned(),
            digest,
            clusters,
        }
    }

    /// Reads the record of a data folder.
    ///
    /// # Errors
    /// [`ScanRecordError`]
    pub fn read(data_dir: &Utf8Path) -> Result<Self, ScanRecordError> {
        let path = data_dir.join(Self::FILE_NAME);
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ScanRecordError::Missing { path });
            }
            Err(error) => return Err(ScanRecordError::Read { path, error }),
        };
        serde_json::from_slice(&content).map_err(|error| ScanRecordError::Invalid { path, error })
    }

    /// The file's content.
    ///
    /// # Errors
    /// Those of serde_json; this type has none.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Whether the catalogs are stale by the digest of the present tree.
    pub fn compare_digest(&self, digest: &str) -> Staleness {
        if self.generator != GENERATOR {
            Staleness::OtherGenerator
        } else if self.digest == digest {
            Staleness::Fresh
        } else {
            Staleness::Stale
        }
    }
}

/// Files, given in path order, turn into one digest.
#[derive(Clone, Default)]
pub struct TreeDigest(Sha256);

impl TreeDigest {
    /// The digest of no files.
    pub fn new() -> Self {
        TreeDigest::default()
    }

    /// Adds a file. Lengths are part of the digest, so that no two trees run into the same text.
    pub fn file(&mut self, path: &str, content: &[u8]) {
        self.part(path.as_bytes());
        self.part(content);
    }

    fn part(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// `sha256:` and hexadecimal digits.
    pub fn finish(self) -> String {
        let mut text = "sha256:".to_owned();
        for byte in self.0.finalize() {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }
}

impl fmt::Debug for TreeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TreeDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> ScanRecord {
        ScanRecord::new("sha256:1".to_owned(), vec!["nonprod".to_owned()])
    }

    #[test]
    fn another_digest_is_stale() {
        assert_eq!(record().compare_digest("sha256:1"), Staleness::Fresh);
        assert_eq!(record().compare_digest("sha256:2"), Staleness::Stale);
    }

    #[test]
    fn another_version_of_the_program_is_reported() {
        let old = ScanRecord {
            generator: "flux-infra-guide 0.0.0".to_owned(),
            ..record()
        };
        assert_eq!(old.compare_digest("sha256:1"), Staleness::OtherGenerator);
    }

    #[test]
    fn a_record_is_read_as_written() {
        let folder = tempfile::tempdir().unwrap();
        let data = Utf8Path::from_path(folder.path()).unwrap();
        assert!(matches!(
            ScanRecord::read(data),
            Err(ScanRecordError::Missing { .. })
        ));
        let record = record();
        fs::write(data.join(ScanRecord::FILE_NAME), record.to_json().unwrap()).unwrap();
        assert_eq!(ScanRecord::read(data).unwrap(), record);
        fs::write(data.join(ScanRecord::FILE_NAME), "[]").unwrap();
        assert!(matches!(
            ScanRecord::read(data),
            Err(ScanRecordError::Invalid { .. })
        ));
    }

    #[test]
    fn a_digest_tells_files_and_their_borders_apart() {
        let digest = |files: &[(&str, &str)]| {
            let mut digest = TreeDigest::new();
            for (path, content) in files {
                digest.file(path, content.as_bytes());
            }
            digest.finish()
        };
        assert_eq!(digest(&[("a", "x")]), digest(&[("a", "x")]));
        assert_ne!(digest(&[("a", "bx")]), digest(&[("ab", "x")]));
        assert_ne!(digest(&[("a", "x"), ("b", "")]), digest(&[("a", "x")]));
    }
}

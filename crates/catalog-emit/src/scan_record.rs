//! `.scan.json` beside the catalogs: the inputs of the last scan, which show whether the catalogs are stale.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use source_tree::regular_file;

use crate::error::{EmitError, EmitErrorKind};
use crate::file_set::FileSet;
use crate::metadata::{GENERATOR, SCHEMA_VERSION};

/// Largest record that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// The inputs of the scan that wrote the catalogs. It is no catalog.
///
/// It holds no revision and no time: a commit of the catalogs does not make them stale, and the same tree yields the same
/// bytes on any machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanRecord {
    /// Version of the catalogs' layout.
    pub schema_version: u32,
    /// The program.
    pub generator: String,
    /// The clusters, by name or path.
    pub clusters: Vec<String>,
    /// What was read.
    #[serde(flatten)]
    pub inputs: Inputs,
}

/// The files that a scan read. Paths are relative to the top of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// Folders whose manifests are all part of a build, as no kustomization file says which.
    #[serde(default)]
    pub folders: BTreeSet<String>,
    /// Paths that were looked for and do not exist.
    #[serde(default)]
    pub absent: BTreeSet<String>,
    /// The files that decided something, with a digest of each content.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
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
    /// It is not a scan record.
    #[error("{path} is not a scan record: {error}")]
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
    pub fn new(clusters: Vec<String>, inputs: Inputs) -> Self {
        ScanRecord {
            schema_version: SCHEMA_VERSION,
            generator: GENERATOR.to_owned(),
            clusters,
            inputs,
        }
    }

    /// Adds the record's file to those of `folder`, a data folder below their root.
    ///
    /// # Errors
    /// As [`FileSet::add`].
    pub fn add_to(&self, files: &mut FileSet, folder: &Utf8Path) -> Result<(), EmitError> {
        let path = folder.join(Self::FILE_NAME);
        let text = self
            .to_json()
            .map_err(|error| EmitError::new(EmitErrorKind::Encode, &path, error))?;
        files.add(path, text)
    }

    /// Reads the record of a data folder.
    ///
    /// # Errors
    /// [`ScanRecordError`]
    pub fn read(data_dir: &Utf8Path) -> Result<Self, ScanRecordError> {
        let text = ScanRecord::read_text(data_dir)?;
        ScanRecord::parse(data_dir, &text)
    }

    /// The bytes of the record of a data folder, for [`ScanRecord::parse`].
    ///
    /// # Errors
    /// [`ScanRecordError`]
    pub fn read_text(data_dir: &Utf8Path) -> Result<Vec<u8>, ScanRecordError> {
        let path = data_dir.join(Self::FILE_NAME);
        match regular_file::read(&path, LARGEST) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ScanRecordError::Missing { path }),
            Err(error) => Err(ScanRecordError::Read { path, error }),
        }
    }

    /// The record in a text of [`ScanRecord::read_text`].
    ///
    /// # Errors
    /// [`ScanRecordError::Invalid`]
    pub fn parse(data_dir: &Utf8Path, text: &[u8]) -> Result<Self, ScanRecordError> {
        serde_json::from_slice(text).map_err(|error| ScanRecordError::Invalid {
            path: data_dir.join(Self::FILE_NAME),
            error,
        })
    }

    /// The file's content.
    ///
    /// # Errors
    /// Those of serde_json; this type has none.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| plain_text::json::escaped(&text).into_owned() + "\n")
    }

    /// Whether this version of the program wrote it: for another, the same tree may yield other catalogs.
    pub fn is_of_this_version(&self) -> bool {
        self.generator == GENERATOR && self.schema_version == SCHEMA_VERSION
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn record() -> ScanRecord {
        ScanRecord::new(
            vec!["nonprod".to_owned()],
            Inputs {
                files: [("a.yaml".to_owned(), "1".to_owned())].into(),
                ..Inputs::default()
            },
        )
    }

    #[test]
    fn another_version_of_the_program_is_told_apart() {
        assert!(record().is_of_this_version());
        let old = ScanRecord {
            generator: "flux-infra-guide 0.0.0".to_owned(),
            ..record()
        };
        assert!(!old.is_of_this_version());
    }

    #[test]
    fn a_record_is_read_as_written() {
        let folder = tempfile::tempdir().unwrap();
        let data = Utf8Path::from_path(folder.path()).unwrap();
        assert!(matches!(
            ScanRecord::read(data),
            Err(ScanRecordError::Missing { .. })
        ));
        fs::write(data.join(ScanRecord::FILE_NAME), record().to_json().unwrap()).unwrap();
        assert_eq!(ScanRecord::read(data).unwrap(), record());
        fs::write(data.join(ScanRecord::FILE_NAME), "[]").unwrap();
        assert!(matches!(
            ScanRecord::read(data),
            Err(ScanRecordError::Invalid { .. })
        ));
        // A record of an earlier layout has no inputs: it is useless, but no error.
        let old = r#"{"schemaVersion": 1, "generator": "x", "clusters": [], "digest": "sha256:1"}"#;
        fs::write(data.join(ScanRecord::FILE_NAME), old).unwrap();
        assert_eq!(ScanRecord::read(data).unwrap().inputs, Inputs::default());
    }
}

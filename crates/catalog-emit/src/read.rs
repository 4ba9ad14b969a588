//! Loading of catalogs from a data folder of one cluster or several.

use std::cell::OnceCell;
use std::io::{self, Read as _};

use camino::{Utf8Path, Utf8PathBuf};
use infra_model::{Infrastructure, Metadata};

use crate::catalog::Catalog;
use crate::catalogs::{CLUSTER_DEPTH, Catalogs};
use crate::file_set::entries;
use crate::metadata::SCHEMA_VERSION;
use crate::open_files::OpenFiles;

/// Largest catalog that is read, in bytes.
pub(crate) const LARGEST: u64 = 256 << 20;

/// Why a data folder could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No catalog is there.
    #[error("no catalogs in {path}")]
    NoCatalogs {
        /// The data folder.
        path: Utf8PathBuf,
    },
    /// The folder holds several clusters and none was named.
    #[error("{path} holds several clusters: {}", names.join(", "))]
    SeveralClusters {
        /// The data folder.
        path: Utf8PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// No cluster has that name.
    #[error("{path} holds no cluster {name}: there is {}", names.join(", "))]
    NoSuchCluster {
        /// The data folder.
        path: Utf8PathBuf,
        /// The name that was asked for.
        name: String,
        /// The names that are there.
        names: Vec<String>,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is larger than any catalog.
    #[error("{path} is too large for a catalog: {bytes} bytes")]
    TooLarge {
        /// The file.
        path: Utf8PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A file is no catalog.
    #[error("{path}:{line} is not valid: {reason}")]
    Invalid {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Another version of the program wrote the file in a layout that this one does not read.
    #[error("{path}:{line} has schemaVersion {found}, this program reads {SCHEMA_VERSION}")]
    Version {
        /// The file.
        path: Utf8PathBuf,
        /// The line, from 1.
        line: usize,
        /// Its version.
        found: u32,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            ReadError::NoCatalogs { .. } => {
                "run `flux-infra-guide regen` first, or name the data folder with --data"
            }
            ReadError::SeveralClusters { .. } | ReadError::NoSuchCluster { .. } => "name one with --cluster",
            ReadError::File { .. } | ReadError::TooLarge { .. } | ReadError::Invalid { .. } => {
                "write it again with `flux-infra-guide regen`"
            }
            ReadError::Version { found, .. } if *found > SCHEMA_VERSION => {
                "update flux-infra-guide, or write the catalogs again with `flux-infra-guide regen`"
            }
            ReadError::Version { .. } => "write the catalogs again with `flux-infra-guide regen`",
        }
    }
}

/// Loads the only cluster of a data folder.
///
/// # Errors
/// [`ReadError`]; [`ReadError::SeveralClusters`] if there are several.
pub fn load(data_dir: &Utf8Path) -> Result<Infrastructure, ReadError> {
    load_catalogs(&cluster_folder(data_dir, None)?).map(Infrastructure::from)
}

/// Loads one cluster of a data folder. If the folder itself holds the catalogs, `name` may be the cluster's name or path.
///
/// # Errors
/// [`ReadError`]
pub fn load_cluster(data_dir: &Utf8Path, name: &str) -> Result<Infrastructure, ReadError> {
    let catalogs = load_catalogs(&cluster_folder(data_dir, Some(name))?)?;
    let infrastructure = Infrastructure::from(catalogs);
    check_name(&infrastructure.metadata, data_dir, Some(name))?;
    Ok(infrastructure)
}

/// The folder with the catalogs of the named cluster, or of the only one.
pub(crate) fn cluster_folder(data_dir: &Utf8Path, name: Option<&str>) -> Result<Utf8PathBuf, ReadError> {
    let names = cluster_names(data_dir)?;
    match (name, names.as_slice()) {
        (_, []) => Ok(data_dir.to_owned()),
        (None, [only]) => Ok(data_dir.join(only)),
        (None, _) => Err(ReadError::SeveralClusters {
            path: data_dir.to_owned(),
            names,
        }),
        (Some(name), _) if names.iter().any(|known| known == name) => Ok(data_dir.join(name)),
        (Some(name), _) => Err(ReadError::NoSuchCluster {
            path: data_dir.to_owned(),
            name: name.to_owned(),
            names,
        }),
    }
}

/// Checks that catalogs are those of the requested cluster.
pub(crate) fn check_name(
    metadata: &Metadata,
    data_dir: &Utf8Path,
    name: Option<&str>,
) -> Result<(), ReadError> {
    let names = [
        metadata.cluster_name.as_deref(),
        Some(metadata.cluster.as_str()),
        metadata.cluster.file_name(),
    ];
    match name {
        Some(name) if !names.contains(&Some(name)) => Err(ReadError::NoSuchCluster {
            path: data_dir.to_owned(),
            name: name.to_owned(),
            names: vec![metadata.cluster.to_string()],
        }),
        _ => Ok(()),
    }
}

/// The clusters with folders below a data folder, sorted; empty if the data folder itself holds the catalogs.
///
/// # Errors
/// [`ReadError::NoCatalogs`] if there are no catalogs, [`ReadError::File`] for a folder that cannot be read.
pub fn cluster_names(data_dir: &Utf8Path) -> Result<Vec<String>, ReadError> {
    if holds_catalogs(data_dir) {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    collect_names(data_dir, Utf8Path::new(""), CLUSTER_DEPTH, &mut names)?;
    if names.is_empty() {
        return Err(ReadError::NoCatalogs {
            path: data_dir.to_owned(),
        });
    }
    names.sort();
    Ok(names)
}

fn collect_names(
    data_dir: &Utf8Path,
    folder: &Utf8Path,
    depth: usize,
    names: &mut Vec<String>,
) -> Result<(), ReadError> {
    let place = data_dir.join(folder);
    for entry in entries(&place).map_err(|error| ReadError::File { path: place, error })? {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let path = folder.join(entry.file_name());
        if holds_catalogs(entry.path()) {
            names.push(path.into_string());
        } else if depth > 1 {
            collect_names(data_dir, &path, depth - 1, names)?;
        }
    }
    Ok(())
}

fn holds_catalogs(folder: &Utf8Path) -> bool {
    let mut names = Catalogs::FILE_NAMES.iter();
    names.any(|name| folder.join(name).is_file())
}

/// Loads the four catalogs of a folder.
///
/// # Errors
/// [`ReadError`]
pub fn load_catalogs(folder: &Utf8Path) -> Result<Catalogs<'static>, ReadError> {
    let mut set = OpenFiles::open(folder);
    Ok(Catalogs {
        services: load_from(&mut set)?,
        flux_resources: load_from(&mut set)?,
        secrets_map: load_from(&mut set)?,
        config_maps: load_from(&mut set)?,
    })
}

/// Loads one catalog of a folder.
///
/// # Errors
/// [`ReadError`]
pub fn load_catalog<C: Catalog>(folder: &Utf8Path) -> Result<C, ReadError> {
    load_from(&mut OpenFiles::open(folder))
}

fn load_from<C: Catalog>(set: &mut OpenFiles) -> Result<C, ReadError> {
    let file = CatalogFile::read(set, C::FILE_NAME)?;
    file.parse(&file.text)
}

/// The text of a catalog.
#[derive(Debug, Default)]
pub(crate) struct CatalogFile {
    path: Utf8PathBuf,
    pub(crate) text: String,
    lower: OnceCell<String>,
}

impl CatalogFile {
    /// Reads a file of a set, if it is no larger than a catalog may be.
    pub(crate) fn read(set: &mut OpenFiles, name: &str) -> Result<Self, ReadError> {
        let path = set.folder().join(name);
        let mut content = Vec::new();
        if let Err(error) = set.take(name)?.read_to_end(&mut content) {
            return Err(ReadError::File { path, error });
        }
        let lower = OnceCell::new();
        match String::from_utf8(content) {
            Ok(text) => Ok(CatalogFile { path, text, lower }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let before = error.as_bytes().get(..valid).unwrap_or_default();
                let line = lines_before(before) + 1;
                let reason = "it is not UTF-8".to_owned();
                Err(ReadError::Invalid { path, line, reason })
            }
        }
    }

    /// The text with its ASCII letters in lower case.
    pub(crate) fn lower(&self) -> &str {
        self.lower.get_or_init(|| self.text.to_ascii_lowercase())
    }

    /// Parses the catalog from its text, or from a rest of the text in which everything keeps its line.
    pub(crate) fn parse<C: Catalog>(&self, text: &str) -> Result<C, ReadError> {
        let parsed = serde_json::from_str::<C>(text);
        let version = match &parsed {
            Ok(catalog) => catalog.metadata().schema_version,
            // A file of another version may fail to parse as one of this version.
            Err(_) => version_of(text),
        };
        match (version, parsed) {
            (Some(found), _) if found != SCHEMA_VERSION => {
                let at = self.text.rfind("\"schemaVersion\"").unwrap_or_default();
                Err(ReadError::Version {
                    path: self.path.clone(),
                    line: self.line(at),
                    found,
                })
            }
            (_, Ok(catalog)) => Ok(catalog),
            (_, Err(error)) => Err(self.invalid_at(0, &error)),
        }
    }

    /// An error in a part of the text that begins at an offset.
    pub(crate) fn invalid_at(&self, offset: usize, error: &serde_json::Error) -> ReadError {
        let reason = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        ReadError::Invalid {
            path: self.path.clone(),
            line: self.line(offset) + error.line().saturating_sub(1),
            reason: reason.strip_suffix(&position).unwrap_or(&reason).to_owned(),
        }
    }

    /// The number of the line at an offset.
    fn line(&self, offset: usize) -> usize {
        lines_before(self.text.as_bytes().get(..offset).unwrap_or_default()) + 1
    }
}

fn lines_before(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

fn version_of(text: &str) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        metadata: Version,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        schema_version: Option<u32>,
    }
    serde_json::from_str::<Versioned>(text)
        .ok()?
        .metadata
        .schema_version
}

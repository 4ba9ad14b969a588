//! A data folder turns into catalogs, and into the model they state.

use std::fs::File;
use std::io::{self, Read as _};
use std::panic::resume_unwind;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use infra_model::Infrastructure;

use crate::catalogs::{CLUSTER_DEPTH, Catalog, Catalogs};
use crate::metadata::SCHEMA_VERSION;

/// A catalog that is larger is not read, in bytes.
const LARGEST: u64 = 256 << 20;

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
    #[error("{path} is no catalog: {error}")]
    Invalid {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong, with line and column.
        error: serde_json::Error,
    },
    /// A newer program wrote the file in a layout that this one does not know.
    #[error("{path} has schemaVersion {found}, this program reads up to {SCHEMA_VERSION}")]
    Version {
        /// The file.
        path: Utf8PathBuf,
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
                "write it anew with `flux-infra-guide regen`"
            }
            ReadError::Version { .. } => {
                "update flux-infra-guide, or write the catalogs anew with this version"
            }
        }
    }
}

/// Loads the only cluster of a data folder.
///
/// # Errors
/// [`ReadError`]; [`ReadError::SeveralClusters`] where there are several.
pub fn load(data_dir: &Utf8Path) -> Result<Infrastructure, ReadError> {
    load_catalogs(&cluster_folder(data_dir, None)?).map(Infrastructure::from)
}

/// Loads one cluster of a data folder. Where the folder holds the catalogs of one cluster itself, it answers to that
/// cluster's name and path.
///
/// # Errors
/// [`ReadError`]
pub fn load_cluster(data_dir: &Utf8Path, name: &str) -> Result<Infrastructure, ReadError> {
    let catalogs = load_catalogs(&cluster_folder(data_dir, Some(name))?)?;
    named(catalogs, data_dir, Some(name))
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

/// The model of catalogs, where they are those of the cluster that was asked for.
pub(crate) fn named(
    catalogs: Catalogs,
    data_dir: &Utf8Path,
    name: Option<&str>,
) -> Result<Infrastructure, ReadError> {
    let infrastructure = Infrastructure::from(catalogs);
    let metadata = &infrastructure.metadata;
    let answers = name.is_none_or(|name| {
        metadata.cluster_name.as_deref() == Some(name)
            || metadata.cluster.as_str() == name
            || metadata.cluster.file_name() == Some(name)
    });
    if answers {
        return Ok(infrastructure);
    }
    Err(ReadError::NoSuchCluster {
        path: data_dir.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        names: vec![metadata.cluster.to_string()],
    })
}

/// The clusters that have a folder of their own below a data folder, sorted; none where it holds one cluster itself.
///
/// # Errors
/// [`ReadError::NoCatalogs`] where there is neither, [`ReadError::File`] for a folder that cannot be read.
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
    let entries = match place.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ReadError::File { path: place, error }),
    };
    for entry in entries.flatten() {
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
    Catalogs::FILE_NAMES
        .iter()
        .any(|name| folder.join(name).is_file())
}

/// Loads the four catalogs of a folder.
///
/// # Errors
/// [`ReadError`]
pub fn load_catalogs(folder: &Utf8Path) -> Result<Catalogs, ReadError> {
    thread::scope(|scope| {
        let flux_resources = scope.spawn(|| load_catalog(folder));
        let secrets_map = scope.spawn(|| load_catalog(folder));
        let config_maps = scope.spawn(|| load_catalog(folder));
        Ok(Catalogs {
            services: load_catalog(folder)?,
            flux_resources: joined(flux_resources)?,
            secrets_map: joined(secrets_map)?,
            config_maps: joined(config_maps)?,
        })
    })
}

/// What a thread came to; its panic where it had one.
pub(crate) fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Loads one catalog of a folder.
///
/// # Errors
/// [`ReadError`]
pub fn load_catalog<C: Catalog>(folder: &Utf8Path) -> Result<C, ReadError> {
    parse(folder, &content(folder, C::FILE_NAME)?)
}

/// The content of a catalog.
fn content(folder: &Utf8Path, name: &str) -> Result<Vec<u8>, ReadError> {
    let mut content = Vec::new();
    let read = open(folder, name)?.read_to_end(&mut content);
    read.map(|_| content).map_err(|error| ReadError::File {
        path: folder.join(name),
        error,
    })
}

/// A catalog, where it is no larger than one may be.
pub(crate) fn open(folder: &Utf8Path, name: &str) -> Result<File, ReadError> {
    let path = folder.join(name);
    let file = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    match file {
        Ok((bytes, _)) if bytes > LARGEST => Err(ReadError::TooLarge { path, bytes }),
        Ok((_, file)) => Ok(file),
        Err(error) => Err(ReadError::File { path, error }),
    }
}

/// The catalog that a file of `folder` holds.
pub(crate) fn parse<C: Catalog>(folder: &Utf8Path, content: &[u8]) -> Result<C, ReadError> {
    let path = || folder.join(C::FILE_NAME);
    let parsed = serde_json::from_slice::<C>(content);
    let version = match &parsed {
        Ok(catalog) => catalog.metadata().schema_version,
        // A newer layout may well fail as this one.
        Err(_) => version_of(content),
    };
    match (version, parsed) {
        (Some(found), _) if found > SCHEMA_VERSION => Err(ReadError::Version { path: path(), found }),
        (_, Ok(catalog)) => Ok(catalog),
        (_, Err(error)) => Err(ReadError::Invalid { path: path(), error }),
    }
}

fn version_of(content: &[u8]) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        metadata: Version,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        schema_version: Option<u32>,
    }
    serde_json::from_slice::<Versioned>(content)
        .ok()?
        .metadata
        .schema_version
}

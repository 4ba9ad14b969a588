//! The files of a data folder, for the catalogs of one cluster or several.
//!
//! One cluster: `data/*.json`. Several: `data/<name>/*.json`. Catalogs of the other layout, and of clusters that are gone,
//! are removed if this program wrote them. A file keeps its bytes if only its metadata would change.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use source_tree::regular_file;

use crate::catalog::{Catalog, Form};
use crate::catalogs::{CLUSTER_DEPTH, Catalogs, in_parallel};
use crate::error::{EmitError, EmitErrorKind};
use crate::file_set::{FileSet, LARGEST, OutputLock, WriteReport, entries, present};
use crate::metadata::{Metadata, SCHEMA_VERSION};
use crate::scan_record::ScanRecord;

/// Writes the catalogs of all clusters into `data_dir`, as [`plan`] lays them out.
///
/// # Errors
/// [`EmitError`]; then the data folder is as it was before.
pub fn write(
    data_dir: &Utf8Path,
    clusters: &[Catalogs<'_>],
    record: Option<&ScanRecord>,
    form: Form,
) -> Result<WriteReport, EmitError> {
    let folder = camino::absolute_utf8(data_dir).map_err(EmitError::write(data_dir))?;
    let _lock = OutputLock::take(folder.parent().unwrap_or(&folder))?;
    let mut files = plan(data_dir, clusters, form)?;
    if let Some(record) = record {
        record.add_to(&mut files, Utf8Path::new(""))?;
    }
    files.whole("");
    files.apply()
}

/// The files that `data_dir` should hold for these clusters. Several clusters need `clusterName` in their metadata.
///
/// # Errors
/// [`EmitErrorKind::ClusterName`] if clusters cannot be told apart, [`EmitErrorKind::Read`] for an existing file that
/// cannot be read.
pub fn plan(data_dir: &Utf8Path, clusters: &[Catalogs<'_>], form: Form) -> Result<FileSet, EmitError> {
    let mut files = FileSet::new(data_dir);
    let mut folders = BTreeSet::new();
    for catalogs in clusters {
        let folder = match clusters {
            [_] => Utf8PathBuf::new(),
            _ => cluster_folder(data_dir, catalogs)?,
        };
        if !folders.insert(folder.clone()) {
            return Err(EmitError::new(
                EmitErrorKind::ClusterName,
                &data_dir.join(folder),
                "two clusters have this name",
            ));
        }
        let folder = folder.as_path();
        for file in in_parallel(
            || file(data_dir, folder, &catalogs.services, form),
            || file(data_dir, folder, &catalogs.flux_resources, form),
            || file(data_dir, folder, &catalogs.secrets_map, form),
            || file(data_dir, folder, &catalogs.config_maps, form),
        ) {
            let (path, content) = file?;
            files.add(path, content)?;
        }
    }
    if !folders.is_empty() {
        for path in own_files(data_dir, Utf8Path::new(""), CLUSTER_DEPTH, &folders)? {
            files.remove(path)?;
        }
    }
    Ok(files)
}

/// The folder of a cluster below the data folder, from its name.
fn cluster_folder(data_dir: &Utf8Path, catalogs: &Catalogs<'_>) -> Result<Utf8PathBuf, EmitError> {
    let name = catalogs.services.metadata.cluster_name.as_deref();
    let name = name.unwrap_or_default();
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.contains(['\\', ':'])
            && !part.chars().any(char::is_control)
            && !Catalogs::FILE_NAMES.contains(&part)
    };
    let parts: Vec<&str> = name.split('/').collect();
    if parts.len() < CLUSTER_DEPTH && parts.iter().all(|part| fits(part)) {
        return Ok(parts.iter().collect());
    }
    Err(EmitError::new(
        EmitErrorKind::ClusterName,
        data_dir,
        format!("{name:?} is not a valid cluster name"),
    ))
}

/// A catalog's path below the data folder, and its content.
fn file<C: Catalog>(
    data_dir: &Utf8Path,
    folder: &Utf8Path,
    catalog: &C,
    form: Form,
) -> Result<(Utf8PathBuf, Vec<u8>), EmitError> {
    let path = folder.join(C::FILE_NAME);
    let target = data_dir.join(&path);
    let present = match present(&target) {
        // A link is refused when the file is written.
        Err(_) if target.is_symlink() => None,
        present => present.map_err(EmitError::read(&target))?,
    };
    let content = content(catalog, present, form)
        .map_err(|error| EmitError::new(EmitErrorKind::Encode, &target, error))?;
    Ok((path, content))
}

/// Room for a new file, in bytes. What it does not fill takes no memory, where growing copies everything that is there.
const UNKNOWN_LENGTH: usize = 1 << 20;

/// The content of a file: the present one if only metadata would change.
fn content<C: Catalog>(
    catalog: &C,
    present: Option<Vec<u8>>,
    form: Form,
) -> Result<Vec<u8>, serde_json::Error> {
    let length = present
        .as_ref()
        .map_or(UNKNOWN_LENGTH, |present| present.len() + 1024);
    let content = form.to_json_of_length(catalog, length)?;
    // It is the last member of each catalog; its text ends before the brace that closes it.
    if let Some(present) = present
        && let Some((before, after)) = content.rsplit_once(&metadata_text(catalog.metadata(), form)?)
        && let Some(rest) = present.strip_prefix(before.as_bytes())
        && let Some(text) = rest.strip_suffix(after.as_bytes())
        && let Some(metadata) = metadata_of(&[b"{", text, b"}}"].concat())
        && metadata.schema_version == Some(SCHEMA_VERSION)
        && metadata_text(&metadata, form)?.as_bytes() == text
    {
        return Ok(present);
    }
    Ok(content.into_bytes())
}

/// The member `metadata` as a catalog writes it.
fn metadata_text(metadata: &Metadata, form: Form) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct OnlyMetadata<'a> {
        metadata: &'a Metadata,
    }
    let text = form.to_json(&OnlyMetadata { metadata })?;
    Ok(text
        .trim_start_matches('{')
        .trim_end_matches(['}', '\n'])
        .to_owned())
}

/// The metadata of a file that is a catalog.
fn metadata_of(content: &[u8]) -> Option<Metadata> {
    #[derive(Deserialize)]
    struct OnlyMetadata {
        metadata: Metadata,
    }
    let catalog = serde_json::from_slice::<OnlyMetadata>(content);
    Some(catalog.ok()?.metadata)
}

/// Catalogs below `folder` that this program wrote, except in some folders; relative to the data folder. Links are not
/// followed.
fn own_files(
    data_dir: &Utf8Path,
    folder: &Utf8Path,
    depth: usize,
    except: &BTreeSet<Utf8PathBuf>,
) -> Result<Vec<Utf8PathBuf>, EmitError> {
    let mut found = Vec::new();
    let place = data_dir.join(folder);
    for entry in entries(&place).map_err(EmitError::read(&place))? {
        let Ok(kind) = entry.file_type() else { continue };
        let path = folder.join(entry.file_name());
        if kind.is_dir() && depth > 1 {
            found.extend(own_files(data_dir, &path, depth - 1, except)?);
        } else if kind.is_file()
            && !except.contains(folder)
            && Catalogs::FILE_NAMES.contains(&entry.file_name())
        {
            let written_here = regular_file::read(entry.path(), LARGEST)
                .ok()
                .and_then(|content| metadata_of(&content)?.generator)
                .is_some_and(|generator| generator.starts_with("flux-infra-guide "));
            if written_here {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

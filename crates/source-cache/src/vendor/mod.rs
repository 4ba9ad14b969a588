//! What is locked, copied into a folder: for machines without a network, as `--charts` and `--source` read it.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use flux_evaluate::{Chart, chart_limits};
use source_tree::{EntryKind, Limits, RepoPath, SourceTree};
use thiserror::Error;

use crate::locked_sources::open_tree;
use crate::{CacheError, Digest, LockedContent, LockedSource, SourceCache};

/// The file that says who has written the folder.
const MARK: &str = ".written-by-flux-infra-guide";
/// The folder of charts.
const CHARTS: &str = "charts";
/// The folder of other sources.
const SOURCES: &str = "sources";

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendored {
    /// The folder of charts, where there are any.
    pub charts: Option<Utf8PathBuf>,
    /// Number of charts.
    pub chart_count: usize,
    /// Folders of sources, by object.
    pub sources: BTreeMap<String, Utf8PathBuf>,
    /// Addresses of bases and files of kustomizations, which no option can give.
    pub left_out: Vec<String>,
}

/// Why nothing was copied.
#[derive(Debug, Error)]
pub enum VendorError {
    /// The folder holds something that is not ours.
    #[error("{0} exists, and flux-infra-guide did not write it")]
    Foreign(Utf8PathBuf),
    /// The cache does not have it.
    #[error("{object}: {reason}")]
    Content {
        /// The object.
        object: String,
        /// Why not.
        reason: String,
    },
    /// The system does not let it be written.
    #[error("cannot write {path}: {error}")]
    Io {
        /// The file or folder.
        path: Utf8PathBuf,
        /// The system's words.
        error: io::Error,
    },
}

/// Copies sources into a folder, which is replaced as a whole.
///
/// # Errors
/// [`VendorError`], after which the folder is as it was.
pub fn vendor(
    sources: &[LockedSource],
    cache: &SourceCache,
    limits: &Limits,
    folder: &Utf8Path,
) -> Result<Vendored, VendorError> {
    let failed = |path: &Utf8Path| {
        let path = path.to_owned();
        move |error| VendorError::Io { path, error }
    };
    let is_empty = folder.read_dir().map(|mut entries| entries.next().is_none());
    let is_ours = is_empty.unwrap_or_default() || folder.join(MARK).is_file();
    if folder.symlink_metadata().is_ok() && (folder.is_symlink() || !is_ours) {
        return Err(VendorError::Foreign(folder.to_owned()));
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent,
        _ => Utf8Path::new("."),
    };
    fs::create_dir_all(parent).map_err(failed(parent))?;
    let temporary = tempfile::tempdir_in(parent).map_err(failed(parent))?;
    let new = Utf8Path::from_path(temporary.path())
        .unwrap_or(parent)
        .join("new");
    fs::create_dir(&new).map_err(failed(&new))?;
    let mut vendored = Vendored::default();
    for source in sources {
        add(source, cache, limits, (&new, folder), &mut vendored)?;
    }
    let mark = new.join(MARK);
    fs::write(&mark, "flux-infra-guide fetch --vendor\n").map_err(failed(&mark))?;
    if folder.symlink_metadata().is_ok() {
        fs::rename(folder, new.with_file_name("old")).map_err(failed(folder))?;
    }
    fs::rename(&new, folder).map_err(failed(folder))?;
    Ok(vendored)
}

fn add(
    source: &LockedSource,
    cache: &SourceCache,
    limits: &Limits,
    (new, folder): (&Utf8Path, &Utf8Path),
    vendored: &mut Vendored,
) -> Result<(), VendorError> {
    let content = |reason: String| VendorError::Content {
        object: source.object.clone(),
        reason,
    };
    let parts: Vec<&str> = source.object.split('/').collect();
    let [kind, _, _] = parts.as_slice() else {
        vendored.left_out.push(source.url.clone());
        return Ok(());
    };
    // Texts of the repository: none is to lead out of the folder.
    if parts.iter().any(|part| !is_plain(part)) {
        return Err(content("its name cannot be that of a folder".to_owned()));
    }
    let bytes = cache
        .read(&source.digest)
        .map_err(|error: CacheError| content(error.to_string()))?;
    if source.content == LockedContent::Archive {
        match Chart::from_archive(&bytes, &source.object, &chart_limits(limits)) {
            Ok(chart) => {
                let metadata = &chart.metadata;
                let name = format!("{}-{}.tgz", metadata.name, metadata.version);
                if !is_plain(&name) {
                    return Err(content("its chart's name cannot be that of a file".to_owned()));
                }
                let charts = new.join(CHARTS);
                let file = free_place(&charts, &name, &source.digest, &bytes);
                write(&file, &bytes)?;
                vendored.charts = Some(folder.join(CHARTS));
                vendored.chart_count += 1;
                return Ok(());
            }
            Err(error) if matches!(*kind, "HelmRelease" | "HelmChart") => {
                return Err(content(error.to_string()));
            }
            Err(_) => {}
        }
    }
    let tree = open_tree(cache, source, bytes, limits).map_err(content)?;
    let below = Utf8Path::new(SOURCES).join(parts.join("/"));
    copy(&*tree, &RepoPath::root(), &new.join(&below)).map_err(|error| match error {
        CopyError::Read(reason) => content(reason),
        CopyError::Write(error) => error,
    })?;
    vendored.sources.insert(source.object.clone(), folder.join(below));
    Ok(())
}

/// Where a chart is put: another chart of its name and version, of another repository, may be there.
fn free_place(charts: &Utf8Path, name: &str, digest: &Digest, bytes: &[u8]) -> Utf8PathBuf {
    let file = charts.join(name);
    match fs::read(&file) {
        Ok(known) if known != bytes => charts.join(digest.hex()).join(name),
        _ => file,
    }
}

enum CopyError {
    Read(String),
    Write(VendorError),
}

fn copy(tree: &dyn SourceTree, path: &RepoPath, to: &Utf8Path) -> Result<(), CopyError> {
    let read = |error: source_tree::TreeError| CopyError::Read(error.to_string());
    for (name, kind) in tree.list(path).map_err(read)? {
        let (path, to) = (path.join(&name), to.join(&name));
        match kind {
            EntryKind::Directory => copy(tree, &path, &to)?,
            EntryKind::File => {
                let bytes = tree.read(&path).map_err(read)?;
                write(&to, &bytes).map_err(CopyError::Write)?;
            }
        }
    }
    Ok(())
}

fn write(file: &Utf8Path, bytes: &[u8]) -> Result<(), VendorError> {
    let failed = |error| VendorError::Io {
        path: file.to_owned(),
        error,
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(file, bytes).map_err(failed)
}

fn is_plain(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(['/', '\\']) && !part.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn a_folder_of_somebody_else_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(temporary.path()).unwrap();
        let cache = SourceCache::new(&base.join("cache"), SystemTime::now());
        let digest = cache.write(b"x").unwrap();
        let folder = base.join("vendor");
        let file = |object: &str| LockedSource {
            object: object.to_owned(),
            url: "https://example.org/x.yaml".into(),
            requested: "x".into(),
            resolved: "x".into(),
            digest: digest.clone(),
            content: LockedContent::File,
        };
        let run = |object: &str| vendor(&[file(object)], &cache, &Limits::default(), &folder);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mine"), "").unwrap();
        assert!(matches!(run("Bucket/a/b"), Err(VendorError::Foreign(_))));
        fs::remove_file(folder.join("mine")).unwrap();
        run("Bucket/a/b").unwrap();
        let path = folder.join("sources/Bucket/a/b/x.yaml");
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert!(matches!(run("Bucket/../.."), Err(VendorError::Content { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert_eq!(
            run("remote-file").unwrap().left_out,
            ["https://example.org/x.yaml"]
        );
        assert!(!path.exists());
    }
}

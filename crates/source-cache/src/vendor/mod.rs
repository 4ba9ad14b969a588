//! Copies locked sources into a folder for machines without a network, in the layout that `--source` and `--charts` read.

mod folder;

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use flux_evaluate::{Chart, chart_limits};
use serde::{Deserialize, Serialize};
use source_tree::{EntryKind, Limits, RepoPath, SourceTree};
use thiserror::Error;

use crate::locked_sources::{OpenError, open_tree};
use crate::{CacheError, Digest, LockedContent, LockedSource, SourceCache};

pub use folder::VendoredFolder;

/// The index of the folder, a line of JSON for each source. It also shows that this program has written the folder.
const INDEX: &str = "sources.jsonl";
/// The folder of charts.
const CHARTS: &str = "charts";
/// The folder of other sources.
const SOURCES: &str = "sources";
/// The folder of remote bases and files of kustomizations.
const REMOTES: &str = "remotes";
/// Longest folder name that is made from an address.
const LONGEST_NAME: usize = 100;

/// Numbers of copied sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendored {
    /// Number of charts, in the folder `charts`.
    pub charts: usize,
    /// Number of other sources, in the folder `sources`.
    pub sources: usize,
    /// Number of bases and files of kustomizations, in the folder `remotes`.
    pub remotes: usize,
}

/// A line of the index: a source and the place of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct IndexLine {
    /// The chart, or the folder of files, relative to the index.
    path: String,
    #[serde(flatten)]
    source: LockedSource,
}

/// Why nothing was copied.
#[derive(Debug, Error)]
pub enum VendorError {
    /// The folder holds something that this program did not write.
    #[error("{0} exists, and flux-infra-guide did not write it")]
    Foreign(Utf8PathBuf),
    /// The content of a source is missing or unusable.
    #[error("{object}: {reason}")]
    Content {
        /// The object.
        object: String,
        /// Why not.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {error}")]
    Io {
        /// The file or folder.
        path: Utf8PathBuf,
        /// The system's error.
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
    let is_empty = folder.read_dir().map(|mut entries| entries.next().is_none());
    let is_ours = is_empty.unwrap_or_default() || folder.join(INDEX).is_file();
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
    let mut index = String::new();
    for source in sources {
        let line = IndexLine {
            path: add(source, cache, limits, &new, &mut vendored)?.into_string(),
            source: source.clone(),
        };
        // Strings only, which always serialize.
        index.push_str(&serde_json::to_string(&line).unwrap_or_default());
        index.push('\n');
    }
    let file = new.join(INDEX);
    fs::write(&file, index).map_err(failed(&file))?;
    if folder.symlink_metadata().is_ok() {
        fs::rename(folder, new.with_file_name("old")).map_err(failed(folder))?;
    }
    fs::rename(&new, folder).map_err(failed(folder))?;
    Ok(vendored)
}

/// Copies a source, and returns its place in the folder.
fn add(
    source: &LockedSource,
    cache: &SourceCache,
    limits: &Limits,
    folder: &Utf8Path,
    vendored: &mut Vendored,
) -> Result<Utf8PathBuf, VendorError> {
    let content = |reason: String| VendorError::Content {
        object: source.object.clone(),
        reason,
    };
    let parts: Vec<&str> = source.object.split('/').collect();
    // The names come from the repository, and must not lead out of the folder.
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
                let place = chart_place(folder, &name, &source.digest, &bytes);
                write(&folder.join(&place), &bytes)?;
                vendored.charts += 1;
                return Ok(place);
            }
            Err(error) if matches!(parts.first(), Some(&("HelmRelease" | "HelmChart"))) => {
                return Err(content(error.to_string()));
            }
            Err(_) => {}
        }
    }
    let open = open_tree(cache, source, bytes, limits).map_err(|error| match error {
        OpenError::Missing(error) => content(error.to_string()),
        OpenError::Wrong(why) => content(why),
    })?;
    let place = match parts.as_slice() {
        [_, _, _] => {
            vendored.sources += 1;
            Utf8Path::new(SOURCES).join(parts.join("/"))
        }
        _ => {
            vendored.remotes += 1;
            Utf8Path::new(REMOTES).join(remote_name(source))
        }
    };
    // Two clusters may declare objects of the same name differently.
    let place = match folder.join(&place).symlink_metadata() {
        Ok(_) => Utf8PathBuf::from(format!("{place}@{}", short(&source.digest))),
        Err(_) => place,
    };
    let target = folder.join(&place);
    fs::create_dir_all(&target).map_err(failed(&target))?;
    copy(&*open.tree, &RepoPath::root(), &target).map_err(|error| match error {
        CopyError::Read(reason) => content(reason),
        CopyError::Write(error) => error,
    })?;
    Ok(place)
}

/// The place of a chart. A different chart of the same name and version may have the usual one.
fn chart_place(folder: &Utf8Path, name: &str, digest: &Digest, bytes: &[u8]) -> Utf8PathBuf {
    let place = Utf8Path::new(CHARTS).join(name);
    match fs::read(folder.join(&place)) {
        Ok(known) if known != bytes => Utf8Path::new(CHARTS).join(short(digest)).join(name),
        _ => place,
    }
}

/// A folder name for an address and a version.
fn remote_name(source: &LockedSource) -> String {
    let address = source.url.split_once("://");
    let address = address.map_or(source.url.as_str(), |(_, rest)| rest);
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let version = match source.content {
        LockedContent::File => String::new(),
        _ => format!("@{}", source.resolved.split('@').next().unwrap_or_default()),
    };
    let plain = |char: char| match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | '@' => char,
        _ => '-',
    };
    let name: String = format!("{address}{version}").chars().map(plain).collect();
    match name.len() <= LONGEST_NAME && !name.starts_with('.') && !name.is_empty() {
        true => name,
        false => short(&source.digest).to_owned(),
    }
}

fn short(digest: &Digest) -> &str {
    const DIGITS: usize = 12;
    digest.hex().get(..DIGITS).unwrap_or_default()
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
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed(file))?;
    }
    fs::write(file, bytes).map_err(failed(file))
}

fn failed(path: &Utf8Path) -> impl Fn(io::Error) -> VendorError + use<> {
    let path = path.to_owned();
    move |error| VendorError::Io {
        path: path.clone(),
        error,
    }
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
        assert_eq!(run("remote-file").unwrap().remotes, 1);
        assert!(!path.exists());
        let copied = folder.join("remotes/example.org-x.yaml/x.yaml");
        assert_eq!(fs::read(&copied).unwrap(), b"x");
    }

    #[test]
    fn objects_of_one_name_have_folders_of_their_own() {
        let temporary = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(temporary.path()).unwrap();
        let cache = SourceCache::new(&base.join("cache"), SystemTime::now());
        let file = |url: &str, text: &str| LockedSource {
            object: "Bucket/a/b".into(),
            url: url.to_owned(),
            requested: "x".into(),
            resolved: "x".into(),
            digest: cache.write(text.as_bytes()).unwrap(),
            content: LockedContent::File,
        };
        let sources = [
            file("https://a.example.org/x", "1"),
            file("https://b.example.org/x", "2"),
        ];
        let folder = base.join("vendor");
        vendor(&sources, &cache, &Limits::default(), &folder).unwrap();
        let vendored = VendoredFolder::open(&folder).unwrap();
        for (source, text) in sources.iter().zip(["1", "2"]) {
            let open = vendored
                .tree(source, &Limits::default())
                .unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(&*open.tree.read(&"x".into()).unwrap(), text.as_bytes());
        }
        assert!(VendoredFolder::open(base).is_err());
        let index = folder.join(INDEX);
        let text = fs::read_to_string(&index).unwrap();
        fs::write(&index, text.replace("sources/Bucket", "../Bucket")).unwrap();
        assert!(VendoredFolder::open(&folder).is_err());
    }
}

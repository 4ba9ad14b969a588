//! Parsers for the values of scan options.

use std::sync::Arc;

use camino::Utf8Path;
use flux_scan::{ClusterArg, Vars};
use source_cache::VendoredFolder;
use source_tree::{DiskTree, Limits, MemoryTree, ObjectRef, RepoPath, SourceTree};

use crate::argument_file;
use crate::exit::Failure;

/// `[NAME=]PATH[,PATH]`
pub(super) fn cluster(root: &Utf8Path, text: &str) -> Result<ClusterArg, Failure> {
    let (name, paths) = match text.split_once('=') {
        Some((name, paths)) => (Some(name.to_owned()), paths),
        None => (None, text),
    };
    if name
        .as_deref()
        .is_some_and(|name| name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.'))
    {
        return Err(
            Failure::usage(format!("--cluster {text}: the name becomes a folder's name"))
                .hint("use letters, digits and `-`"),
        );
    }
    let option = format!("--cluster {text}");
    let mut paths = paths.split(',').map(|path| repo_path(root, path, &option));
    let path = paths.next().unwrap_or_else(|| repo_path(root, "", &option))?;
    Ok(ClusterArg {
        name,
        path,
        joined: paths.collect::<Result<_, _>>()?,
    })
}

/// A path relative to the repository, or an absolute one in it.
pub(super) fn repo_path(root: &Utf8Path, path: &str, option: &str) -> Result<RepoPath, Failure> {
    let absolute = Utf8Path::new(path)
        .is_absolute()
        .then(|| Utf8Path::new(path).canonicalize_utf8().ok())
        .flatten();
    let below = match &absolute {
        Some(real) => real
            .strip_prefix(root)
            .map_err(|_| Failure::usage(format!("{option}: {real} is not in the repository {root}")))?,
        None => Utf8Path::new(path),
    };
    RepoPath::root().checked_join(below.as_str()).ok_or_else(|| {
        Failure::usage(format!("{option}: the path leaves the repository"))
            .hint("give the path from the top of the repository")
    })
}

/// `DIR`
pub(super) fn vendored_folder(folder: &str) -> Result<VendoredFolder, Failure> {
    VendoredFolder::open(Utf8Path::new(folder)).map_err(|error| {
        Failure::input(format!("--source {folder}: {error}")).hint(
            "name a folder that `flux-infra-guide fetch --vendor` has written, or the source that the folder is the content \
             of: Kind/namespace/name=DIR",
        )
    })
}

/// `Kind/namespace/name=DIR`
pub(super) fn source(text: &str, limits: Limits) -> Result<(ObjectRef, Arc<dyn SourceTree>), Failure> {
    let wrong = || Failure::usage(format!("--source {text}: expected Kind/namespace/name=DIR"));
    let (name, folder) = text.split_once('=').ok_or_else(wrong)?;
    let name = object_name(name).ok_or_else(wrong)?;
    let tree = DiskTree::with_limits(Utf8Path::new(folder), limits)
        .map_err(|error| Failure::input(format!("--source {text}: {error}")))?;
    Ok((name, Arc::new(tree)))
}

/// `Kind/namespace/name=PATH`
pub(super) fn chart(text: &str) -> Result<(ObjectRef, Arc<dyn SourceTree>), Failure> {
    let wrong = || Failure::usage(format!("--chart {text}: expected Kind/namespace/name=PATH"));
    let (name, path) = text.split_once('=').ok_or_else(wrong)?;
    let name = object_name(name).ok_or_else(wrong)?;
    let path = Utf8Path::new(path);
    let unreadable = |error: &dyn std::fmt::Display| Failure::input(format!("--chart {text}: {error}"));
    if path.is_dir() {
        let tree = DiskTree::with_limits(path, Limits::default()).map_err(|error| unreadable(&error))?;
        return Ok((name, Arc::new(tree)));
    }
    let bytes = argument_file::read(path).map_err(|error| unreadable(&error))?;
    let mut tree = MemoryTree::new();
    tree.insert(path.file_name().unwrap_or("chart.tgz"), bytes);
    Ok((name, Arc::new(tree)))
}

/// `FILE` or `Kind/namespace/name=FILE`
pub(crate) fn vars(text: &str) -> Result<Vars, Failure> {
    let named = text
        .split_once('=')
        .and_then(|(name, file)| Some((object_name(name)?, file)));
    let (object, file) = match named {
        Some((object, file)) => (Some(object), file),
        None => (None, text),
    };
    Ok(Vars {
        object,
        file: file.to_owned(),
        text: self::text(Utf8Path::new(file))?,
    })
}

fn object_name(text: &str) -> Option<ObjectRef> {
    let mut parts = text.split('/').map(str::to_owned);
    let name = ObjectRef {
        kind: parts.next()?.into(),
        namespace: parts.next()?.into(),
        name: parts.next()?.into(),
    };
    (parts.next().is_none() && !name.kind.is_empty() && !name.name.is_empty()).then_some(name)
}

pub(super) fn text(file: &Utf8Path) -> Result<String, Failure> {
    argument_file::read_text(file).map_err(|error| Failure::input(format!("cannot read {file}: {error}")))
}

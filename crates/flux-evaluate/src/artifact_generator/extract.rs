//! Extraction of compressed archives in a source.

use std::io::Read;

use flate2::read::GzDecoder;
use source_tree::{OverlayTree, RepoPath, SourceTree};
use tar::{Archive, EntryType};

use super::budget::{Budget, check_target};
use super::copy_error::CopyError;

/// Whether the strategy `Extract` unpacks a file.
pub(super) fn is_archive(path: &RepoPath) -> bool {
    let path = path.as_str().to_lowercase();
    path.ends_with(".tar.gz") || path.ends_with(".tgz")
}

/// Extracts the archive at `path` into `artifact` below `to`. The provenance of the files is the archive. Links and devices are
/// left out, as everywhere in an artifact.
pub(super) fn extract(
    source: &dyn SourceTree,
    path: &RepoPath,
    to: &RepoPath,
    artifact: &mut OverlayTree,
    budget: &mut Budget,
) -> Result<(), CopyError> {
    if !is_archive(path) {
        return Err(CopyError::NoArchive { path: path.clone() });
    }
    let refused = |message: String| CopyError::Extract {
        path: path.clone(),
        message,
    };
    let bytes = source.read(path)?;
    let limit = budget.limits.file_bytes;
    // One byte more than the limit, to detect that it is exceeded.
    let unpacked = GzDecoder::new(&*bytes).take(limit.saturating_add(1));
    let mut archive = Archive::new(unpacked);
    let provenance = source.provenance(path);
    let mut total = 0_u64;
    let too_large = || CopyError::TooLarge {
        path: path.clone(),
        limit,
    };
    for entry in archive.entries().map_err(|error| refused(error.to_string()))? {
        let mut entry = entry.map_err(|error| refused(error.to_string()))?;
        total = total.saturating_add(entry.size()).saturating_add(512);
        if total > limit {
            return Err(too_large());
        }
        let entry_type = entry.header().entry_type();
        if !matches!(entry_type, EntryType::Regular | EntryType::Continuous) {
            continue;
        }
        let name = entry.path_bytes();
        let name = std::str::from_utf8(&name).map_err(|_| refused("a file's name is not UTF-8".into()))?;
        let outside = || refused(format!("{name:?} leads out of the artifact"));
        if name.starts_with('/') {
            return Err(outside());
        }
        let inside = RepoPath::root().checked_join(name).ok_or_else(outside)?;
        let target = to.join(inside.as_str());
        let mut content = Vec::new();
        let read = entry.read_to_end(&mut content);
        read.map_err(|error| refused(error.to_string()))?;
        budget.take_file()?;
        budget.take_content(content.len())?;
        check_target(artifact, &target)?;
        artifact.insert(&target, content.into(), provenance.clone());
    }
    Ok(())
}

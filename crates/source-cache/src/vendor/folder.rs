//! Reads a folder that [`vendor`](super::vendor) has written.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use source_tree::{DiskTree, Limits, RepoPath, regular_file};

use super::{INDEX, IndexLine};
use crate::archive::unpack;
use crate::locked_sources::OpenTree;
use crate::{Lock, LockKey, LockedSource};

/// Largest index and largest chart, in bytes.
const LARGEST: u64 = 256 << 20;

/// A folder with the content of locked sources.
#[derive(Clone, Debug)]
pub struct VendoredFolder {
    folder: Utf8PathBuf,
    places: BTreeMap<LockKey, (LockedSource, RepoPath)>,
}

impl VendoredFolder {
    /// Reads the index of a folder.
    ///
    /// # Errors
    /// Why it is not such a folder.
    pub fn open(folder: &Utf8Path) -> Result<Self, String> {
        let file = folder.join(INDEX);
        let bytes = regular_file::read(&file, LARGEST).map_err(|error| format!("{file}: {error}"))?;
        let text = String::from_utf8_lossy(&bytes);
        let mut places = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: String| format!("{file}:{}: {reason}", index + 1);
            let IndexLine { path, source } =
                serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            let place = RepoPath::root().checked_join(&path);
            let place = place.filter(|place| !place.is_root());
            let place = place.ok_or_else(|| wrong(format!("`{path}` is not a path in the folder")))?;
            places.insert(source.key(), (source, place));
        }
        Ok(VendoredFolder {
            folder: folder.to_owned(),
            places,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Utf8Path {
        &self.folder
    }

    /// Its sources, as lines of a lock file.
    pub(crate) fn lock(&self) -> Lock {
        self.places.values().map(|(source, _)| source.clone()).collect()
    }

    /// The files of a source.
    pub(crate) fn tree(&self, source: &LockedSource, limits: &Limits) -> Result<OpenTree, String> {
        let path = self.place(source)?;
        if path.is_dir() {
            let tree = DiskTree::with_limits(&path, *limits).map_err(|error| error.to_string())?;
            return Ok(OpenTree::whole(Arc::new(tree)));
        }
        // A packed chart of an OCIRepository.
        let tree = unpack(&self.read(source)?, limits).map_err(|error| error.to_string())?;
        Ok(OpenTree::whole(Arc::new(tree)))
    }

    /// The bytes of a packed chart.
    pub(crate) fn read(&self, source: &LockedSource) -> Result<Vec<u8>, String> {
        let path = self.place(source)?;
        regular_file::read(&path, LARGEST).map_err(|error| format!("{path}: {error}"))
    }

    fn place(&self, source: &LockedSource) -> Result<Utf8PathBuf, String> {
        let place = self.places.get(&source.key());
        let (_, place) = place.ok_or_else(|| format!("{} has no {}", self.folder, source.object))?;
        Ok(self.folder.join(place.as_str()))
    }
}

//! Positions: a compact [`Mark`] inside trees, a readable [`Place`] at the edge.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use foldhash::HashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RepoPath;

/// A file's number in the [`FileTable`] of one run. Numbers follow the order of arrival: never sort or print by them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The file of nodes that no file states, such as a field that a program adds.
    pub const NONE: FileId = FileId(0);
}

/// File and line of a YAML node. Line 0 means that no line states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The file.
    pub file: FileId,
    /// The line, 1-based.
    pub line: u32,
}

impl Mark {
    /// The mark of nodes that no file states.
    pub const NONE: Mark = Mark {
        file: FileId::NONE,
        line: 0,
    };

    /// A mark at `line` of `file`.
    pub fn new(file: FileId, line: u32) -> Self {
        Mark { file, line }
    }

    /// Whether a file states the node.
    pub fn is_some(self) -> bool {
        self.file != FileId::NONE && self.line > 0
    }
}

/// Where a person edits a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SourcePlace")]
pub struct Place {
    /// Path in the repository.
    pub file: RepoPath,
    /// The line, from 1; absent where the whole file is meant.
    #[serde(default, skip_serializing_if = "is_whole_file")]
    #[schemars(with = "Option<u32>")]
    pub line: u32,
}

impl Place {
    /// File and line for an entry that has them as separate fields.
    pub fn parts(place: Option<Place>) -> (Option<RepoPath>, Option<u32>) {
        match place {
            Some(place) => (Some(place.file), (place.line > 0).then_some(place.line)),
            None => (None, None),
        }
    }

    /// The place of such an entry.
    pub fn from_parts(file: Option<&RepoPath>, line: Option<u32>) -> Option<Place> {
        Some(Place {
            file: file?.clone(),
            line: line.unwrap_or_default(),
        })
    }
}

/// Line 0 means the whole file.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_whole_file(line: &u32) -> bool {
    *line == 0
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// Gives each file of a run a number, so that a node's position costs eight bytes.
#[derive(Debug, Default)]
pub struct FileTable {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    paths: Vec<RepoPath>,
    ids: HashMap<RepoPath, FileId>,
}

impl FileTable {
    /// An empty table.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The number of `path`, given on first use.
    pub fn id(&self, path: &RepoPath) -> FileId {
        if let Some(id) = self.read().ids.get(path) {
            return *id;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = inner.ids.get(path) {
            return *id;
        }
        inner.paths.push(path.clone());
        // Number 0 is `FileId::NONE`, so the first file is number 1.
        let id = FileId(u32::try_from(inner.paths.len()).unwrap_or(u32::MAX));
        inner.ids.insert(path.clone(), id);
        id
    }

    /// The path behind a number.
    pub fn path(&self, id: FileId) -> Option<RepoPath> {
        let index = (id.0 as usize).checked_sub(1)?;
        self.read().paths.get(index).cloned()
    }

    /// Every path of the table, sorted.
    pub fn paths(&self) -> Vec<RepoPath> {
        let mut paths = self.read().paths.clone();
        paths.sort();
        paths
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a mark, if a file states it.
    pub fn place(&self, mark: Mark) -> Option<Place> {
        Some(Place {
            file: self.path(mark.file)?,
            line: mark.line,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_number_and_is_found_by_it() {
        let table = FileTable::new();
        let a = table.id(&RepoPath::new("a.yaml"));
        let b = table.id(&RepoPath::new("b.yaml"));
        assert_eq!(table.id(&RepoPath::new("./a.yaml")), a);
        assert_ne!(a, b);
        assert_eq!(
            table.place(Mark::new(b, 3)).map(|p| p.to_string()).as_deref(),
            Some("b.yaml:3")
        );
        assert_eq!(table.place(Mark::NONE), None);
    }
}

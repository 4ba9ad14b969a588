//! Files that were parsed, shared by all who read them in one run.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::HashMap;
use source_tree::{FileId, FileTable};
use yaml_node::{Node, ReadError};

use crate::BuildError;

/// What files of a repository were parsed to, and their numbers. Whoever looks for clusters and each of their builds read
/// mostly the same files, from trees of their own.
#[derive(Default)]
pub struct ParsedFiles {
    files: Arc<FileTable>,
    pub(crate) resources: ByFile<Result<Arc<[Node]>, BuildError>>,
    pub(crate) documents: ByFile<Result<Option<Node>, ReadError>>,
}

impl ParsedFiles {
    /// None yet. `files` numbers them.
    pub fn new(files: Arc<FileTable>) -> Self {
        ParsedFiles {
            files,
            ..ParsedFiles::default()
        }
    }

    /// The numbers of files in marks.
    pub fn files(&self) -> &Arc<FileTable> {
        &self.files
    }

    /// Forgets what was parsed. The numbers stay.
    pub fn clear(&self) {
        self.resources.clear();
        self.documents.clear();
    }
}

/// What one bytes of a file were parsed to.
type Parsed<T> = Arc<OnceLock<(Arc<[u8]>, T)>>;

/// What was made of files, each once.
pub(crate) struct ByFile<T>(RwLock<HashMap<FileId, Parsed<T>>>);

impl<T> Default for ByFile<T> {
    fn default() -> Self {
        ByFile(RwLock::default())
    }
}

impl<T: Clone> ByFile<T> {
    /// What `make` makes of the bytes of a file. Where trees differ in these, that of the first one is kept.
    pub(crate) fn get(&self, file: FileId, bytes: &Arc<[u8]>, make: impl Fn() -> T) -> T {
        let known = {
            let parsed = self.0.read().unwrap_or_else(PoisonError::into_inner);
            parsed.get(&file).cloned()
        };
        // The lock is not held while a file is parsed.
        let cell = known.unwrap_or_else(|| {
            let mut parsed = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(parsed.entry(file).or_default())
        });
        match cell.get_or_init(|| (Arc::clone(bytes), make())) {
            (of, made) if of == bytes => made.clone(),
            _ => make(),
        }
    }

    fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

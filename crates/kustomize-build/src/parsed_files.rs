//! Parsed files, shared by all readers of one run.

use std::hash::Hash;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::HashMap;
use source_tree::{FileId, FileTable};
use yaml_node::{Node, ReadError};

use crate::BuildError;

/// The parsed files of a repository, and their numbers. The search for clusters and each of their builds read mostly
/// the same files, from different trees.
#[derive(Default)]
pub struct ParsedFiles {
    files: Arc<FileTable>,
    pub(crate) resources: ByFile<Result<Arc<[Node]>, BuildError>>,
    pub(crate) documents: ByFile<Result<Option<Node>, ReadError>>,
}

impl ParsedFiles {
    /// No files yet. `files` numbers them.
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

    /// Drops the parsed files. The numbers stay.
    pub fn clear(&self) {
        self.resources.clear();
        self.documents.clear();
    }
}

/// The bytes of a file, and the result of parsing them.
type Parsed<T> = Arc<OnceLock<(Arc<[u8]>, T)>>;

/// A result for each file.
pub(crate) struct ByFile<T>(RwLock<HashMap<FileId, Parsed<T>>>);

/// The cell of a key, made on first use. The cache is not locked while the cell is filled, and the cell is filled once.
pub(crate) fn cell<K: Clone + Eq + Hash, C: Clone + Default>(cache: &RwLock<HashMap<K, C>>, key: &K) -> C {
    let known = cache
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(key)
        .cloned();
    known.unwrap_or_else(|| {
        let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
        cache.entry(key.clone()).or_default().clone()
    })
}

impl<T> Default for ByFile<T> {
    fn default() -> Self {
        ByFile(RwLock::default())
    }
}

impl<T: Clone> ByFile<T> {
    /// The result of `make` for the bytes of a file. If trees differ in the bytes, the result of the first one is
    /// cached.
    pub(crate) fn get(&self, file: FileId, bytes: &Arc<[u8]>, make: impl Fn() -> T) -> T {
        match cell(&self.0, &file).get_or_init(|| (Arc::clone(bytes), make())) {
            (of, made) if of == bytes => made.clone(),
            _ => make(),
        }
    }

    fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use source_tree::{Limits, MemoryTree, SourceTree};

    use super::*;
    use crate::Sources;

    #[test]
    fn trees_share_what_is_the_same_in_both() {
        let parsed = Arc::new(ParsedFiles::default());
        let sources = |name: &str| {
            let own = format!("kind: A\nmetadata: {{name: {name}}}\n");
            let files = [
                ("same.yaml", "kind: A\nmetadata: {name: a}\n"),
                ("own.yaml", &own),
            ];
            let tree: Arc<dyn SourceTree> = Arc::new(files.into_iter().collect::<MemoryTree>());
            Sources::sharing(tree, Arc::clone(&parsed), Limits::default())
        };
        let (one, other) = (sources("b"), sources("c"));
        let read = |sources: &Sources, path: &str| sources.resources(&path.into()).unwrap();
        let (first, second) = (read(&one, "same.yaml"), read(&other, "same.yaml"));
        assert!(Arc::ptr_eq(&first, &second));
        let name = |sources: &Sources| {
            let objects = read(sources, "own.yaml");
            objects[0].text_at(&["metadata", "name"]).unwrap().to_owned()
        };
        assert_eq!([name(&one), name(&other)], ["b", "c"]);
        parsed.clear();
        assert!(Arc::ptr_eq(&read(&one, "same.yaml"), &first));
        assert!(!Arc::ptr_eq(&read(&sources("b"), "same.yaml"), &first));
    }
}

//! The files of one tree, each read and parsed at most once per run.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::HashMap;
use source_tree::{
    Budget, Exhausted, FileId, FileTable, Limits, Mark, ReadRecord, RepoPath, SourceTree, Work,
};
use yaml_node::{Node, ReadError, read_yaml11};

use crate::kustomization::{self, Kustomization};
use crate::load::{REMOTE_FOLDER, documents};
use crate::parsed_files::{ParsedFiles, cell};
use crate::syntax::Syntax;
use crate::transformers::Patch;
use crate::{BuildError, Remotes};

type Once<T> = Arc<Cell<T>>;
type OncePer<K, T> = RwLock<HashMap<K, Once<T>>>;
type OncePerPath<T> = OncePer<RepoPath, Result<T, BuildError>>;

/// The files of one tree, read and parsed at most once. Builds on several threads share it.
pub struct Sources {
    tree: Arc<dyn SourceTree>,
    parsed: Arc<ParsedFiles>,
    limits: Limits,
    budget: Arc<Budget>,
    remotes: Option<Arc<dyn Remotes>>,
    record: Option<Record>,
    caches: Arc<Caches>,
    syntax: Syntax,
}

/// The record of the files that builds read.
struct Record {
    reads: Arc<ReadRecord>,
    /// The tree without recording, for reading ahead: files that no build asks for must not be recorded.
    unwatched: Arc<dyn SourceTree>,
}

/// Files by path, read and parsed once.
#[derive(Default)]
struct Caches {
    bytes: OncePerPath<Arc<[u8]>>,
    resources: OncePerPath<Parsed>,
    kustomizations: OncePerPath<Arc<Kustomization>>,
    inline_patches: OncePer<(String, Mark), Option<Patch>>,
}

struct Cell<T> {
    value: OnceLock<T>,
    /// Whether a build has asked for it, not only a reader ahead.
    is_recorded: AtomicBool,
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Cell {
            value: OnceLock::new(),
            is_recorded: AtomicBool::new(false),
        }
    }
}

impl Sources {
    /// The files of a tree. `files` numbers them for marks.
    pub fn new(tree: Arc<dyn SourceTree>, files: Arc<FileTable>, limits: Limits) -> Self {
        Sources::sharing(tree, Arc::new(ParsedFiles::new(files)), limits)
    }

    /// The files of a tree. Files that others have parsed are not parsed again.
    pub fn sharing(tree: Arc<dyn SourceTree>, parsed: Arc<ParsedFiles>, limits: Limits) -> Self {
        Sources {
            tree,
            parsed,
            budget: Budget::new(&limits),
            limits,
            remotes: None,
            record: None,
            caches: Arc::default(),
            syntax: Syntax::default(),
        }
    }

    /// The same files, to be read again with the syntax of all nodes.
    pub(crate) fn with_syntax(&self) -> Sources {
        let mut sources = Sources::new(self.tree.clone(), self.files().clone(), self.limits);
        sources.budget = self.budget.clone();
        sources.remotes.clone_from(&self.remotes);
        sources.syntax = Syntax::enabled();
        sources
    }

    /// The syntax of nodes, if the build records it.
    pub(crate) fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    /// Sets a budget that is shared with others.
    #[must_use]
    pub fn with_budget(mut self, budget: Arc<Budget>) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the source of remote content, which is part of the tree.
    #[must_use]
    pub fn with_remotes(mut self, remotes: Arc<dyn Remotes>) -> Self {
        self.remotes = Some(remotes);
        self
    }

    /// Sets the record of reads, and the tree without recording.
    #[must_use]
    pub fn with_record(mut self, reads: Arc<ReadRecord>, unwatched: Arc<dyn SourceTree>) -> Self {
        self.record = Some(Record { reads, unwatched });
        self
    }

    /// The same files, to be read before a build is known to need them: they are cached, but recorded only once a build
    /// asks for them.
    #[must_use]
    pub fn ahead(&self) -> Sources {
        let unwatched = self.record.as_ref().map(|record| &record.unwatched);
        Sources {
            tree: Arc::clone(unwatched.unwrap_or(&self.tree)),
            parsed: Arc::clone(&self.parsed),
            limits: self.limits,
            budget: Arc::clone(&self.budget),
            remotes: self.remotes.clone(),
            record: None,
            caches: Arc::clone(&self.caches),
            syntax: self.syntax.clone(),
        }
    }

    /// The source of remote content.
    pub(crate) fn remotes(&self) -> Option<&dyn Remotes> {
        self.remotes.as_deref()
    }

    /// A counter for one build.
    pub fn work(&self) -> Work {
        self.budget.work()
    }

    /// The tree.
    pub fn tree(&self) -> &dyn SourceTree {
        &*self.tree
    }

    /// The numbers of files in marks.
    pub fn files(&self) -> &Arc<FileTable> {
        self.parsed.files()
    }

    /// The parsed files, shared with other trees.
    pub fn parsed_files(&self) -> &Arc<ParsedFiles> {
        &self.parsed
    }

    /// The number of the file that a person edits to change the one at `path`.
    pub fn file_id(&self, path: &RepoPath) -> FileId {
        self.files().id(&self.tree.provenance(path))
    }

    /// The limits for reading.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`BuildError::Load`] if the file does not exist, [`BuildError::Limit`] if it is too large.
    pub fn bytes(&self, path: &RepoPath) -> Result<Arc<[u8]>, BuildError> {
        self.once(&self.caches.bytes, path, || {
            let bytes = self.tree.read(path)?;
            // Most files are decoded and parsed too, and their values are copied.
            let taken = (bytes.len() as u64).saturating_mul(COPIES);
            self.budget
                .take_memory(taken)
                .map_err(|error| BuildError::limit(format!("{path}: {error}")))?;
            Ok(bytes)
        })
    }

    /// Whether a file takes long to parse, too long for reading ahead.
    pub fn is_large(&self, path: &RepoPath) -> bool {
        self.bytes(path).is_ok_and(|bytes| bytes.len() > LARGE_FILE)
    }

    /// The text of a YAML file.
    ///
    /// # Errors
    /// As [`Sources::bytes`], and [`BuildError::MalformedYaml`] if it is neither UTF-8 nor UTF-16.
    pub fn text(&self, path: &RepoPath) -> Result<Arc<str>, BuildError> {
        let bytes = self.bytes(path)?;
        decoded(path, &bytes).map(Into::into)
    }

    /// As [`Sources::text`], but without caching, for a file that is needed only once. A cached file is not read again.
    ///
    /// # Errors
    /// As [`Sources::text`].
    pub fn text_once(&self, path: &RepoPath) -> Result<String, BuildError> {
        let bytes = self.caches.bytes.read().unwrap_or_else(PoisonError::into_inner);
        let known = bytes.contains_key(path);
        drop(bytes);
        let bytes = match known {
            true => self.bytes(path)?,
            false => self.tree.read(path)?,
        };
        decoded(path, &bytes).map(Cow::into_owned)
    }

    /// The resource documents of a file, split as in kustomize: aliases and merge keys are expanded, lists of resources
    /// flattened, and each has `kind` and a name.
    ///
    /// # Errors
    /// As [`Sources::text`]; [`BuildError::MalformedYaml`] and [`BuildError::Resource`] if a document is not a
    /// resource.
    pub fn resources(&self, path: &RepoPath) -> Result<Arc<[Node]>, BuildError> {
        self.parsed(path).map(|parsed| parsed.nodes)
    }

    /// The first document of a file as [`yaml_node::read_yaml11`] reads it, if it has one.
    ///
    /// # Errors
    /// As [`Sources::text`]; [`BuildError::MalformedYaml`] if it is not YAML.
    pub fn document(&self, path: &RepoPath) -> Result<Option<Node>, BuildError> {
        let bytes = self.bytes(path)?;
        let text = decoded(path, &bytes)?;
        let document = self.first_document(self.file_id(path), &bytes, &text);
        document.map_err(|error| BuildError::malformed_yaml(format!("{path}: {error}")).at(error.mark))
    }
}

fn decoded<'b>(path: &RepoPath, bytes: &'b [u8]) -> Result<Cow<'b, str>, BuildError> {
    yaml_node::decode(bytes).map_err(|_| BuildError::malformed_yaml(format!("{path}: not UTF-8")))
}

/// Copies of a file in memory once it is read: its bytes, its values, and the text that is written from them.
const COPIES: u64 = 4;
/// A file with more bytes takes long to parse.
const LARGE_FILE: usize = 1 << 20;
/// Estimated memory of a node.
const NODE_BYTES: u64 = 120;

/// The resource documents of a file.
#[derive(Clone)]
pub(crate) struct Parsed {
    pub(crate) nodes: Arc<[Node]>,
    /// The steps for visiting all of them once.
    pub(crate) weight: usize,
    /// The first line that ends with a lone carriage return.
    pub(crate) lone_return: Option<u32>,
}

/// The line of the first carriage return without a line feed, counted in line feeds.
fn lone_return(bytes: &[u8]) -> Option<u32> {
    // In UTF-16 the bytes of CR and LF are not adjacent.
    if yaml_node::is_utf16(bytes) || !bytes.contains(&b'\r') {
        return None;
    }
    let at = bytes
        .windows(2)
        .position(|pair| pair[0] == b'\r' && pair[1] != b'\n')?;
    let feeds = bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(feeds + 1).ok()
}

impl Sources {
    /// As [`Sources::resources`], with their weight.
    pub(crate) fn parsed(&self, path: &RepoPath) -> Result<Parsed, BuildError> {
        self.once(&self.caches.resources, path, || {
            let bytes = self.bytes(path)?;
            let refused = |error: Exhausted| BuildError::limit(format!("{path}: {error}"));
            if bytes.len() > LARGE_FILE {
                self.budget.check_memory().map_err(refused)?;
            }
            let file = self.file_id(path);
            let read = || documents::resources(&bytes, file, &self.limits, &self.syntax).map(Arc::from);
            let nodes = match self.syntax.is_enabled() {
                true => read(),
                false => self.parsed.resources.get(file, &bytes, read),
            };
            if let Err(BuildError::Limit(_)) = &nodes {
                // Finding that out takes as long as reading a file at the limit, so it counts as one.
                let taken = (self.limits.nodes as u64).saturating_mul(NODE_BYTES);
                let _ = self.budget.take_memory(taken);
            }
            let nodes: Arc<[Node]> = nodes?;
            let weight = nodes.iter().map(Node::weight).sum();
            self.budget
                .take_memory((weight as u64).saturating_mul(NODE_BYTES))
                .map_err(refused)?;
            Ok(Parsed {
                nodes,
                weight,
                lone_return: lone_return(&bytes),
            })
        })
    }

    /// The kustomization file at a path.
    pub(crate) fn kustomization(&self, path: &RepoPath) -> Result<Arc<Kustomization>, BuildError> {
        self.once(&self.caches.kustomizations, path, || {
            let bytes = self.bytes(path)?;
            let (text, file) = (decoded(path, &bytes)?, self.file_id(path));
            let document = self.first_document(file, &bytes, &text);
            kustomization::read(&text, document, file).map(Arc::new)
        })
    }

    fn first_document(&self, file: FileId, bytes: &Arc<[u8]>, text: &str) -> Result<Option<Node>, ReadError> {
        let read = || read_yaml11(text, file, &self.limits);
        self.parsed.documents.get(file, bytes, read)
    }

    /// The patch in a text that begins at `mark`, parsed once: a Kustomization may pass the same patch to many others.
    pub(crate) fn inline_patch(
        &self,
        text: &str,
        mark: Mark,
        parse: impl FnOnce() -> Option<Patch>,
    ) -> Option<Patch> {
        cell(&self.caches.inline_patches, &(text.to_owned(), mark))
            .value
            .get_or_init(parse)
            .clone()
    }
}

impl Sources {
    /// The cached result for a path. The first request of a build is recorded, whoever filled the cache.
    fn once<T: Clone>(
        &self,
        cache: &OncePerPath<T>,
        path: &RepoPath,
        make: impl FnOnce() -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        let cell = cell(cache, path);
        let made = cell.value.get_or_init(make);
        if let Some(record) = &self.record
            && !cell.is_recorded.swap(true, Ordering::Relaxed)
        {
            match made {
                Ok(_) if path.as_str().starts_with(REMOTE_FOLDER) => {}
                Ok(_) => record.reads.note_file(self.tree.provenance(path)),
                // The tree itself records a failed read.
                Err(_) => drop(self.tree.read(path)),
            }
        }
        made.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::MemoryTree;

    #[test]
    fn a_file_is_parsed_once() {
        let tree: MemoryTree = [("a.yaml", "kind: A\nmetadata: {name: a}\n"), ("b", "x")]
            .into_iter()
            .collect();
        let sources = Sources::new(Arc::new(tree), FileTable::new(), Limits::default());
        let path = RepoPath::new("a.yaml");
        let (first, second) = (
            sources.resources(&path).unwrap(),
            sources.resources(&path).unwrap(),
        );
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(&*sources.text(&RepoPath::new("b")).unwrap(), "x");
        assert!(matches!(
            sources.text(&RepoPath::new("c")),
            Err(BuildError::Load(_))
        ));
    }

    #[test]
    fn files_read_ahead_are_recorded_when_a_build_uses_them() {
        let tree: MemoryTree = [("a.yaml", "kind: A\nmetadata: {name: a}\n"), ("b.yaml", "x")]
            .into_iter()
            .collect();
        let tree: Arc<dyn SourceTree> = Arc::new(tree);
        let reads = ReadRecord::new();
        let watched = reads.watch(Arc::clone(&tree));
        let sources = Sources::new(watched, FileTable::new(), Limits::default());
        let sources = sources.with_record(Arc::clone(&reads), tree);
        let ahead = sources.ahead();
        let (a, b, none) = ("a.yaml".into(), "b.yaml".into(), "none".into());
        assert!(ahead.resources(&a).is_ok());
        assert!(ahead.bytes(&b).is_ok());
        assert!(ahead.bytes(&none).is_err());
        assert_eq!(reads.asked(), source_tree::Asked::default());
        assert!(sources.resources(&a).is_ok());
        assert!(sources.resources(&none).is_err());
        assert_eq!(reads.asked().files, [a].into_iter().collect());
        assert_eq!(reads.asked().absent, [none].into_iter().collect());
    }
}

//! The files of one tree, each read and parsed at most once per run.

use std::hash::Hash;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::HashMap;
use source_tree::{Budget, Exhausted, FileId, FileTable, Limits, Mark, RepoPath, SourceTree, Work};
use yaml_node::Node;

use crate::kustomization::{self, Kustomization};
use crate::load::documents;
use crate::syntax::Syntax;
use crate::transformers::Patch;
use crate::{BuildError, Remotes};

type Once<T> = Arc<OnceLock<T>>;
type OncePer<K, T> = RwLock<HashMap<K, Once<T>>>;
type OncePerPath<T> = OncePer<RepoPath, Result<T, BuildError>>;

/// The files of one tree, read and parsed at most once. Builds share it, also across threads.
pub struct Sources {
    tree: Arc<dyn SourceTree>,
    files: Arc<FileTable>,
    limits: Limits,
    budget: Arc<Budget>,
    remotes: Option<Arc<dyn Remotes>>,
    bytes: OncePerPath<Arc<[u8]>>,
    resources: OncePerPath<Parsed>,
    kustomizations: OncePerPath<Arc<Kustomization>>,
    inline_patches: OncePer<(String, Mark), Option<Patch>>,
    syntax: Syntax,
}

impl Sources {
    /// The files of a tree. `files` numbers them for marks.
    pub fn new(tree: Arc<dyn SourceTree>, files: Arc<FileTable>, limits: Limits) -> Self {
        Sources {
            tree,
            files,
            budget: Budget::new(&limits),
            limits,
            remotes: None,
            bytes: RwLock::default(),
            resources: RwLock::default(),
            kustomizations: RwLock::default(),
            inline_patches: RwLock::default(),
            syntax: Syntax::default(),
        }
    }

    /// The same files, to be read once more in a build that keeps what go-yaml knows of nodes.
    pub(crate) fn keeping_syntax(&self) -> Sources {
        let mut sources = Sources::new(self.tree.clone(), self.files.clone(), self.limits);
        sources.budget = self.budget.clone();
        sources.remotes.clone_from(&self.remotes);
        sources.syntax = Syntax::kept();
        sources
    }

    /// What go-yaml knows of nodes, where it is kept.
    pub(crate) fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    /// The same files, read at the cost of a budget that others share.
    #[must_use]
    pub fn with_budget(mut self, budget: Arc<Budget>) -> Self {
        self.budget = budget;
        self
    }

    /// The same files, with what gives builds the content of URLs. It is found in the tree.
    #[must_use]
    pub fn with_remotes(mut self, remotes: Arc<dyn Remotes>) -> Self {
        self.remotes = Some(remotes);
        self
    }

    /// What gives builds the content of URLs.
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
        &self.files
    }

    /// The number of the file that a person edits to change the one at `path`.
    pub fn file_id(&self, path: &RepoPath) -> FileId {
        self.files.id(&self.tree.provenance(path))
    }

    /// The bounds of what is read.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`BuildError::Load`] where no file stands there, [`BuildError::Limit`] where it is too large.
    pub fn bytes(&self, path: &RepoPath) -> Result<Arc<[u8]>, BuildError> {
        once(&self.bytes, path, || {
            let bytes = self.tree.read(path)?;
            // Most files are decoded or parsed as well, and their values are texts of their own.
            let taken = (bytes.len() as u64).saturating_mul(COPIES);
            self.budget
                .take_memory(taken)
                .map_err(|error| BuildError::limit(format!("{path}: {error}")))?;
            Ok(bytes)
        })
    }

    /// Whether a file takes long to parse: nobody does that on the chance that it is asked for.
    pub fn is_large(&self, path: &RepoPath) -> bool {
        self.bytes(path).is_ok_and(|bytes| bytes.len() > LARGE)
    }

    /// The text of a YAML file.
    ///
    /// # Errors
    /// As [`Sources::bytes`], and [`BuildError::MalformedYaml`] where it is neither UTF-8 nor UTF-16.
    pub fn text(&self, path: &RepoPath) -> Result<Arc<str>, BuildError> {
        let bytes = self.bytes(path)?;
        match yaml_node::decode(&bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(BuildError::malformed_yaml(format!("{path}: not UTF-8"))),
        }
    }

    /// As [`Sources::text`], for a file that nothing else asks for: it is not kept. One that was read already is not read again.
    ///
    /// # Errors
    /// As [`Sources::text`].
    pub fn text_once(&self, path: &RepoPath) -> Result<String, BuildError> {
        let known = {
            let bytes = self.bytes.read().unwrap_or_else(PoisonError::into_inner);
            bytes.get(path).and_then(|cell| cell.get().cloned())
        };
        let bytes = match known {
            Some(Ok(bytes)) => bytes,
            _ => self.tree.read(path)?,
        };
        match yaml_node::decode(&bytes) {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(BuildError::malformed_yaml(format!("{path}: not UTF-8"))),
        }
    }

    /// The resource documents of a file as kustomize splits them: aliases and merge keys expanded, lists of resources
    /// flattened, each with `kind` and a name.
    ///
    /// # Errors
    /// As [`Sources::text`]; [`BuildError::MalformedYaml`] and [`BuildError::Resource`] where a document is no resource.
    pub fn resources(&self, path: &RepoPath) -> Result<Arc<[Node]>, BuildError> {
        self.parsed(path).map(|parsed| parsed.nodes)
    }
}

/// As often is a file held in memory once it is read: its bytes, its values, and the text that is made of them.
const COPIES: u64 = 4;
/// A file of more bytes takes long to parse.
const LARGE: usize = 1 << 20;
/// About what a node takes in memory.
const NODE_BYTES: u64 = 120;

/// The resource documents of a file.
#[derive(Clone)]
pub(crate) struct Parsed {
    pub(crate) nodes: Arc<[Node]>,
    /// What it takes to go through all of them once, in steps.
    pub(crate) weight: usize,
    /// The first line that a carriage return alone ends.
    pub(crate) lone_return: Option<u32>,
}

/// The line, as line feeds count them, on which the first carriage return stands that no line feed follows.
fn lone_return(bytes: &[u8]) -> Option<u32> {
    if !bytes.contains(&b'\r') {
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
        once(&self.resources, path, || {
            let bytes = self.bytes(path)?;
            let refused = |error: Exhausted| BuildError::limit(format!("{path}: {error}"));
            if bytes.len() > LARGE {
                self.budget.check_memory().map_err(refused)?;
            }
            let file = self.file_id(path);
            let nodes = documents::resources(&bytes, file, &self.limits, &self.syntax);
            if let Err(BuildError::Limit(_)) = &nodes {
                // It took as long to find out as it would have taken to read, and for nothing: few may do that.
                let taken = (self.limits.nodes as u64).saturating_mul(NODE_BYTES);
                let _ = self.budget.take_memory(taken);
            }
            let nodes = nodes?;
            let weight = nodes.iter().map(Node::weight).sum();
            self.budget
                .take_memory((weight as u64).saturating_mul(NODE_BYTES))
                .map_err(refused)?;
            Ok(Parsed {
                nodes: nodes.into(),
                weight,
                lone_return: lone_return(&bytes),
            })
        })
    }

    /// The kustomization file at a path.
    pub(crate) fn kustomization(&self, path: &RepoPath) -> Result<Arc<Kustomization>, BuildError> {
        once(&self.kustomizations, path, || {
            let text = self.text(path)?;
            kustomization::read(&text, self.file_id(path), &self.limits).map(Arc::new)
        })
    }

    /// The patch in a text that begins at `mark`. One that a Kustomization gives to many others is parsed once.
    pub(crate) fn inline_patch(
        &self,
        text: &str,
        mark: Mark,
        parse: impl FnOnce() -> Option<Patch>,
    ) -> Option<Patch> {
        once(&self.inline_patches, &(text.to_owned(), mark), parse)
    }
}

// The lock is not held while a file is read, and a file is still read once.
fn once<K: Clone + Eq + Hash, T: Clone>(cache: &OncePer<K, T>, key: &K, make: impl FnOnce() -> T) -> T {
    let known = cache
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(key)
        .cloned();
    let cell = known.unwrap_or_else(|| {
        cache
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key.clone())
            .or_default()
            .clone()
    });
    cell.get_or_init(make).clone()
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
}

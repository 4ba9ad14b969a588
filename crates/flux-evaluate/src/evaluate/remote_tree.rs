//! A tree that also contains what its kustomizations reference by URL, as far as that was fetched.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use kustomize_build::{REMOTE_FOLDER, RemoteBase, Remotes};
use source_tree::{EntryKind, RepoPath, SourceTree, TreeError};

use crate::{RemoteRequest, SourceContent, SourceContents};

/// A tree with fetched content in folders that no listing shows.
pub(super) struct RemoteTree {
    tree: Arc<dyn SourceTree>,
    contents: Arc<dyn SourceContents>,
    /// By the name of the folder.
    fetched: Arc<RwLock<BTreeMap<String, Option<Fetched>>>>,
}

/// Fetched content.
#[derive(Clone)]
struct Fetched {
    tree: Arc<dyn SourceTree>,
    /// The prefix of its files' names.
    label: Arc<str>,
}

impl RemoteTree {
    pub(super) fn new(tree: Arc<dyn SourceTree>, contents: Arc<dyn SourceContents>) -> Self {
        RemoteTree {
            tree,
            contents,
            fetched: Arc::default(),
        }
    }

    /// The same fetched content on top of another tree.
    pub(super) fn over(&self, tree: Arc<dyn SourceTree>) -> Self {
        RemoteTree {
            tree,
            contents: Arc::clone(&self.contents),
            fetched: Arc::clone(&self.fetched),
        }
    }

    /// The folder with the content of a URL.
    fn folder(&self, request: &RemoteRequest<'_>, url: &str, reference: &str) -> Option<RepoPath> {
        let name = folder_name(url, reference);
        let path = RepoPath::new(REMOTE_FOLDER).join(&name);
        let known = {
            let fetched = self.fetched.read().unwrap_or_else(PoisonError::into_inner);
            fetched.get(&name).map(Option::is_some)
        };
        let is_there = known.unwrap_or_else(|| {
            let address = without_scheme(url);
            let found = match self.contents.remote(request) {
                SourceContent::Fetched { tree, revision } => Some((tree, format!("{address}@{revision}:"))),
                SourceContent::Known(tree) => Some((tree, format!("{address}:"))),
                SourceContent::Unavailable(_) => None,
            };
            let found = found.map(|(tree, label)| Fetched {
                tree,
                label: label.into(),
            });
            let mut fetched = self.fetched.write().unwrap_or_else(PoisonError::into_inner);
            fetched.entry(name).or_insert(found).is_some()
        });
        is_there.then_some(path)
    }

    /// The fetched content that a path lies in, and the path in it.
    fn inside(&self, path: &RepoPath) -> Option<(Fetched, RepoPath)> {
        if !path.as_str().starts_with(REMOTE_FOLDER) {
            return None;
        }
        let below = path.strip_prefix(&RepoPath::new(REMOTE_FOLDER))?;
        let name = below.parts().next()?;
        let fetched = self.fetched.read().unwrap_or_else(PoisonError::into_inner);
        let found = fetched.get(name)?.clone()?;
        let inside = below.strip_prefix(&RepoPath::new(name))?;
        Some((found, inside))
    }

    /// Asks the tree that a path lies in.
    fn ask<T>(&self, path: &RepoPath, question: impl FnOnce(&dyn SourceTree, &RepoPath) -> T) -> T {
        match self.inside(path) {
            Some((fetched, inside)) => question(&*fetched.tree, &inside),
            None => question(&*self.tree, path),
        }
    }
}

impl Remotes for RemoteTree {
    fn base(&self, base: &RemoteBase) -> Option<RepoPath> {
        let RemoteBase {
            repository,
            reference,
        } = base;
        let request = RemoteRequest::Base {
            repository,
            reference,
        };
        self.folder(&request, repository, reference)
    }

    fn file(&self, url: &str) -> Option<RepoPath> {
        let folder = self.folder(&RemoteRequest::File { url }, url, "")?;
        let (fetched, _) = self.inside(&folder)?;
        let entries = fetched.tree.list(&RepoPath::root()).ok()?;
        let (name, _) = entries.into_iter().next()?;
        Some(folder.join(&name))
    }
}

impl SourceTree for RemoteTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.ask(path, |tree, path| tree.read(path))
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.ask(path, |tree, path| tree.list(path))
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.ask(path, |tree, path| tree.list_without_links(path))
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.ask(path, |tree, path| tree.kind(path))
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        match self.inside(path) {
            Some((fetched, inside)) => {
                let real = fetched.tree.canonicalize(&inside)?;
                let top: Vec<&str> = path.parts().take(2).collect();
                Ok(RepoPath::new(&top.join("/")).join(real.as_str()))
            }
            None => self.tree.canonicalize(path),
        }
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        match self.inside(path) {
            Some((fetched, inside)) => {
                let inside = fetched.tree.provenance(&inside);
                RepoPath::new(&format!("{}{inside}", fetched.label))
            }
            None => self.tree.provenance(path),
        }
    }
}

/// The name of the folder for an address and a reference.
fn folder_name(url: &str, reference: &str) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('/', "%2F");
    match reference {
        "" => escaped(url),
        reference => format!("{}@{}", escaped(url), escaped(reference)),
    }
}

/// An address as a part of file names: without `//`, and without a password that it may contain.
fn without_scheme(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host_ends = rest.find('/').unwrap_or(rest.len());
    match rest.get(..host_ends).and_then(|host| host.rfind('@')) {
        Some(at) => rest.get(at + 1..).unwrap_or(rest),
        None => rest,
    }
}

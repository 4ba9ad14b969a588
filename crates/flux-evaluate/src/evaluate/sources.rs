//! The files behind a `sourceRef`, as far as they are available.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::HashMap;
use kustomize_build::{ParsedFiles, Remotes, Sources};
use source_tree::{Budget, EntryKind, Limits, ObjectRef, ReadRecord, RepoPath, SourceTree, TreeError};

use super::include::{self, MAX_INCLUDES, Outcome, Resolving};
use super::remote_tree::RemoteTree;
use super::typed_objects::TypedObjects;
use crate::artifact::{ArtifactTree, IncludeTree, PartlyKnownTree, Rules};
use crate::discovery::{Entry, SyncSource};
use crate::flux::{Include, Source, is_remote, same_repository};
use crate::{RemoteRequest, ScanOptions, SourceContent, SourceContents, SourceRequest, Unavailable};

/// Why a file of `flux bootstrap` is not at hand.
const NOT_COMMITTED: &str = "not committed";

/// The artifacts of one evaluation.
pub(super) struct Artifacts {
    tree: Arc<dyn SourceTree>,
    parsed: Arc<ParsedFiles>,
    limits: Limits,
    budget: Arc<Budget>,
    /// The folder that is pushed as the repository's artifact.
    root: RepoPath,
    /// Sources that are this repository, by what bootstrapped the cluster.
    sync: Vec<SyncSource>,
    /// Files that bootstrapping writes into the repository, from its root on.
    uncommitted: Vec<RepoPath>,
    remotes: Vec<String>,
    branches: Vec<String>,
    reads: Option<Arc<ReadRecord>>,
    contents: Arc<dyn SourceContents>,
    made: Mutex<HashMap<Recipe, Arc<Sources>>>,
}

/// What an artifact is made of.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Recipe {
    /// The source whose content is not the repository, with the address of its tree; none for the repository itself.
    other: Option<(ObjectRef, usize)>,
    rules: Rules,
    /// `spec.ignore`
    ignore: Option<String>,
    /// The address of each artifact that is put in, which lives as long as the evaluation, and from where to where.
    included: Vec<(usize, RepoPath, RepoPath)>,
    unknown: Vec<(RepoPath, String)>,
}

/// What a source includes.
#[derive(Default)]
struct Includes {
    outcomes: Vec<(Include, Outcome)>,
    /// The files of the source with what is put in; none where it includes nothing.
    tree: Option<IncludeTree>,
    /// Number of folders that are put in, also by what is put in.
    count: usize,
}

/// Where the files of a source come from, and what states it.
enum Base<'i> {
    Own(Option<&'i Source>),
    Other(Option<&'i Source>, OtherTree),
    Unresolved(Unavailable),
    Missing,
}

/// The files of a source that is not the repository.
struct OtherTree {
    tree: Arc<dyn SourceTree>,
    /// What was fetched, where it was; a folder that the caller names has no revision.
    revision: Option<Arc<str>>,
}

/// What stands behind a `sourceRef`.
#[derive(Clone)]
pub(super) enum Resolved {
    /// This repository, or a part of it.
    Own(Arc<Sources>),
    /// Content from elsewhere that is at hand.
    Other(Arc<Sources>),
    /// The source exists, its content cannot be had, and why.
    Unresolved(Unavailable),
    /// The ArtifactGenerator that should make it fails.
    NotMade(ObjectRef),
    /// Nothing states the source.
    Missing,
}

impl Resolved {
    /// The files, where they are at hand.
    pub(super) fn sources(&self) -> Option<&Arc<Sources>> {
        match self {
            Resolved::Own(sources) | Resolved::Other(sources) => Some(sources),
            Resolved::Unresolved(_) | Resolved::NotMade(_) | Resolved::Missing => None,
        }
    }
}

impl Resolved {
    /// Whether nothing states the source.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Resolved::Missing)
    }
}

impl Artifacts {
    pub(super) fn new(
        tree: Arc<dyn SourceTree>,
        entry: &Entry,
        options: &ScanOptions,
        budget: Arc<Budget>,
    ) -> Self {
        Artifacts {
            reads: options.reads.clone(),
            contents: options.contents(),
            tree,
            parsed: Arc::clone(&options.parsed),
            limits: options.limits,
            budget,
            root: entry.root.clone(),
            sync: entry.sync.clone(),
            uncommitted: entry
                .uncommitted
                .iter()
                .filter_map(|path| path.strip_prefix(&entry.root))
                .collect(),
            remotes: options.remotes.clone(),
            branches: options.branches.clone(),
            made: Mutex::default(),
        }
    }

    /// The repository's own artifact, as the source that bootstraps the cluster makes it.
    pub(super) fn entry(&self) -> Arc<Sources> {
        let special = |sync: &&SyncSource| {
            let source = &sync.source;
            source.ignore.is_some() || source.layer_is_copied || !source.include.is_empty()
        };
        let sync = self.sync.iter().find(special).or(self.sync.first());
        let Some(SyncSource { id, source }) = sync else {
            return self.own();
        };
        let (typed, bare) = (TypedObjects::default(), BTreeSet::new());
        let mut resolving = Resolving::default();
        let includes = self.include(None, id, Some(source), &typed, &bare, &mut resolving);
        self.artifact(None, id, Some(source), includes)
    }

    /// The repository's own artifact by the rules of a GitRepository without further fields.
    pub(super) fn own(&self) -> Arc<Sources> {
        let id = ObjectRef::new("GitRepository", "", "");
        self.artifact(None, &id, None, Includes::default())
    }

    /// What stands behind a source. `bare` names sources that nothing states and that are taken for this repository.
    pub(super) fn resolve(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Resolved {
        let mut resolving = Resolving::default();
        self.resolve_once(id, typed, bare, &mut resolving).0
    }

    /// What becomes of the entries of `spec.include` of a source whose content is at hand.
    pub(super) fn includes(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Vec<(Include, Outcome)> {
        let mut resolving = Resolving::default();
        let (other, source) = match self.base(id, typed, bare) {
            Base::Own(source) => (None, source),
            Base::Other(source, tree) => (Some(tree), source),
            Base::Unresolved(_) | Base::Missing => return Vec::new(),
        };
        self.include(other.as_ref(), id, source, typed, bare, &mut resolving)
            .outcomes
    }

    fn resolve_once(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
        resolving: &mut Resolving,
    ) -> (Resolved, usize) {
        if let Some(known) = resolving.known.get(id) {
            return known.clone();
        }
        let (other, source) = match self.base(id, typed, bare) {
            Base::Own(source) => (None, source),
            Base::Other(source, tree) => (Some(tree), source),
            Base::Unresolved(why) => return (Resolved::Unresolved(why), 0),
            Base::Missing => return (Resolved::Missing, 0),
        };
        let includes = self.include(other.as_ref(), id, source, typed, bare, resolving);
        let count = includes.count;
        let is_circle = |(_, outcome): &(Include, Outcome)| matches!(outcome, Outcome::Circle);
        if includes.outcomes.iter().any(is_circle) {
            resolving.stuck.insert(id.clone());
        }
        let sources = self.artifact(other.as_ref(), id, source, includes);
        let resolved = match other {
            None => Resolved::Own(sources),
            Some(_) => Resolved::Other(sources),
        };
        resolving.known.insert(id.clone(), (resolved.clone(), count));
        (resolved, count)
    }

    /// Where the files of a source come from, before others are put in.
    fn base<'i>(
        &'i self,
        id: &ObjectRef,
        typed: &'i TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Base<'i> {
        let stated = typed.source(id);
        let spec = stated.and_then(|(_, object)| {
            let applied = object.rendered.as_ref().unwrap_or(&object.node);
            applied.get("spec")
        });
        let stated = stated.map(|(source, _)| source);
        let bootstrapped = self.sync.iter().find(|sync| sync.id == *id);
        let source = stated.or(bootstrapped.map(|sync| &sync.source));
        let is_own = bootstrapped.is_some()
            || stated.is_some_and(|source| self.is_own(source) && !self.is_other_branch(source, typed, bare));
        let is_own = is_own || bare.contains(id);
        let content = self.contents.content(&SourceRequest {
            id,
            spec,
            is_repository: is_own,
        });
        match (content, stated) {
            (SourceContent::Known(tree), _) => {
                let revision = None;
                Base::Other(source, OtherTree { tree, revision })
            }
            (SourceContent::Fetched { tree, revision }, _) => {
                let revision = Some(revision);
                Base::Other(source, OtherTree { tree, revision })
            }
            (SourceContent::Unavailable(_), _) if is_own => Base::Own(source),
            // Where even the source that bootstraps the cluster is stated nowhere, one of its name is meant as it is.
            (SourceContent::Unavailable(_), None)
                if self.sync.iter().any(|sync| is_unstated_namesake(sync, id)) =>
            {
                Base::Own(None)
            }
            (SourceContent::Unavailable(why), Some(_)) => Base::Unresolved(why),
            (SourceContent::Unavailable(_), None) => Base::Missing,
        }
    }

    /// Resolves what a source includes.
    fn include(
        &self,
        other: Option<&OtherTree>,
        id: &ObjectRef,
        source: Option<&Source>,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
        resolving: &mut Resolving,
    ) -> Includes {
        let stated = source.map_or(&[][..], |source| &source.include);
        if stated.is_empty() {
            return Includes::default();
        }
        let (base, root) = self.files_of(id, other);
        let mut tree = IncludeTree::new(base, root);
        let mut includes = Includes::default();
        resolving.chain.push(id.clone());
        for include in stated {
            let other = include::other(id, include);
            let outcome = if resolving.chain.contains(&other) {
                Outcome::Circle
            } else {
                let (resolved, count) = self.resolve_once(&other, typed, bare, resolving);
                match resolved {
                    _ if resolving.stuck.contains(&other) => Outcome::Circle,
                    _ if includes.count + count >= MAX_INCLUDES => Outcome::TooMany,
                    Resolved::Own(sources) | Resolved::Other(sources) => {
                        includes.count += 1 + count;
                        Outcome::put_in(&sources, include, &mut tree)
                    }
                    Resolved::Unresolved(why) => Outcome::Elsewhere(why),
                    Resolved::NotMade(_) => Outcome::Missing,
                    Resolved::Missing => Outcome::Missing,
                }
            };
            includes.outcomes.push((include.clone(), outcome));
        }
        resolving.chain.pop();
        includes.tree = Some(tree);
        includes
    }

    /// The files of a source that is not the repository, or of the repository, and the folder that is archived.
    fn files_of(&self, id: &ObjectRef, other: Option<&OtherTree>) -> (Arc<dyn SourceTree>, RepoPath) {
        match other {
            Some(other) => {
                let labelled = LabelledTree {
                    tree: Arc::clone(&other.tree),
                    label: match &other.revision {
                        Some(revision) => format!("{id}@{revision}:"),
                        None => format!("{id}:"),
                    },
                };
                (Arc::new(labelled), RepoPath::root())
            }
            None => (Arc::clone(&self.tree), self.root.clone()),
        }
    }

    fn artifact(
        &self,
        other: Option<&OtherTree>,
        id: &ObjectRef,
        source: Option<&Source>,
        includes: Includes,
    ) -> Arc<Sources> {
        let included = includes
            .outcomes
            .iter()
            .filter_map(|(include, outcome)| match outcome {
                Outcome::PutIn(sources) => {
                    let address = Arc::as_ptr(sources).addr();
                    Some((address, include.from.clone(), include.to.clone()))
                }
                _ => None,
            });
        let recipe = Recipe {
            other: other.map(|other| (id.clone(), Arc::as_ptr(&other.tree).cast::<()>().addr())),
            rules: match id.kind.as_str() {
                "Bucket" => Rules::Bucket,
                _ if source.is_some_and(|source| source.layer_is_copied) => Rules::Copy,
                _ => Rules::Archive,
            },
            ignore: source.and_then(|source| source.ignore.clone()),
            included: included.collect(),
            unknown: include::unknown(id, &includes.outcomes),
        };
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sources) = made.get(&recipe) {
            return Arc::clone(sources);
        }
        let (base, root): (Arc<dyn SourceTree>, _) = match includes.tree {
            Some(tree) if !recipe.included.is_empty() => (Arc::new(tree), RepoPath::root()),
            _ => self.files_of(id, other),
        };
        let mut tree: Arc<dyn SourceTree> = Arc::new(ArtifactTree::with_rules(
            base,
            root,
            recipe.rules,
            recipe.ignore.as_deref(),
        ));
        let mut unknown = recipe.unknown.clone();
        if other.is_none() {
            let uncommitted = self.uncommitted.iter();
            unknown.extend(uncommitted.map(|path| (path.clone(), NOT_COMMITTED.to_owned())));
        }
        if !unknown.is_empty() {
            tree = Arc::new(PartlyKnownTree::new(tree, unknown));
        }
        let reads = self.reads.as_ref().filter(|_| other.is_none());
        let watched = reads.map_or_else(|| Arc::clone(&tree), |reads| reads.watch(Arc::clone(&tree)));
        // What is from elsewhere is none of the files that decide whether catalogs are stale: the lock file is.
        let watched = Arc::new(RemoteTree::new(watched, Arc::clone(&self.contents)));
        let remotes = Arc::clone(&watched) as Arc<dyn Remotes>;
        let unwatched = watched.over(tree);
        let mut sources = Sources::sharing(watched, Arc::clone(&self.parsed), self.limits);
        if let Some(reads) = reads {
            sources = sources.with_record(Arc::clone(reads), Arc::new(unwatched));
        }
        let sources = sources
            .with_remotes(remotes)
            .with_budget(Arc::clone(&self.budget));
        let sources = Arc::new(sources);
        made.insert(recipe, Arc::clone(&sources));
        sources
    }

    /// Whether only the cache lacks what a kustomization names by URL.
    pub(super) fn is_not_cached(&self, remote: &RemoteRequest<'_>) -> bool {
        let content = self.contents.remote(remote);
        matches!(
            content,
            SourceContent::Unavailable(Unavailable { is_locked: true, .. })
        )
    }

    /// Whether bootstrapping tells which source is this repository.
    pub(super) fn knows_sync(&self) -> bool {
        !self.sync.is_empty()
    }

    /// The source of bootstrapping with its URL, and a remote of the repository, where no remote has that URL.
    pub(super) fn other_remote(&self) -> Option<(&ObjectRef, &str, &str)> {
        let remote = self.remotes.first()?;
        let mut stated = self
            .sync
            .iter()
            .filter_map(|sync| Some((&sync.id, sync.source.url.as_deref()?)));
        let (id, url) = stated.next()?;
        let is_address = url.contains("://") && !url.starts_with("oci://") && !url.contains("${");
        (is_address && !is_remote(&self.remotes, url)).then_some((id, url, remote))
    }

    /// Whether a source has the repository's URL, and its branch as far as that is known.
    fn is_own(&self, source: &Source) -> bool {
        let Some(url) = &source.url else { return false };
        // Where nothing tells which branch is checked out, the one that is stated is.
        let same_branch = |known: Option<&str>| match (known, source.reference.short()) {
            (Some(known), Some(stated)) => known == stated,
            (None, _) | (_, None) => true,
        };
        let by_sync = self.sync.iter().any(|sync| {
            let known = &sync.source;
            known
                .url
                .as_deref()
                .is_some_and(|known| same_repository(known, url))
                && same_branch(known.reference.short())
        });
        by_sync || (is_remote(&self.remotes, url) && same_branch(self.known_branch()))
    }

    /// Whether a source of the repository's URL is a branch that is not here: no Git knows it as the one that is checked out, and
    /// another source of the cluster is what is.
    ///
    /// Where all sources state another branch, as after a branch was renamed, what is here is theirs.
    fn is_other_branch(&self, source: &Source, typed: &TypedObjects<'_>, bare: &BTreeSet<ObjectRef>) -> bool {
        let is_here = |branch: &str| {
            let mut branches = self.branches.iter();
            branches.any(|known| renamed(known) == renamed(branch))
        };
        let is_known = self.known_branch().is_some() || self.branches.is_empty();
        let is_elsewhere = source.reference.branch().is_some_and(|branch| !is_here(branch));
        if is_known || !is_elsewhere {
            return false;
        }
        let others = typed.sources.values();
        let mut others = others.map(|(other, _)| other).filter(|other| {
            let url = other.url.as_deref();
            url.is_some_and(|url| is_remote(&self.remotes, url))
        });
        !self.sync.is_empty()
            || !bare.is_empty()
            || others.any(|other| other.reference.branch().is_none_or(is_here))
    }

    /// The branch that bootstrapping names.
    fn known_branch(&self) -> Option<&str> {
        let mut sync = self.sync.iter();
        sync.find_map(|sync| sync.source.reference.short())
    }
}

/// The name of a branch: of the first one of a repository that which it has today.
fn renamed(branch: &str) -> &str {
    match branch {
        "master" => "main",
        branch => branch,
    }
}

fn is_unstated_namesake(sync: &SyncSource, id: &ObjectRef) -> bool {
    sync.source.url.is_none() && sync.id.kind == id.kind && sync.id.name == id.name
}

/// A tree whose files are named after the source that they come from, so that they do not pass for the repository's.
struct LabelledTree {
    tree: Arc<dyn SourceTree>,
    label: String,
}

impl SourceTree for LabelledTree {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        self.tree.read(path)
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.tree.kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.tree.canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        RepoPath::new(&format!("{}{}", self.label, self.tree.provenance(path)))
    }
}

/// The files of an artifact, each read once however many trees are made of it.
pub(super) struct ReadOnce(pub(super) Arc<Sources>);

impl SourceTree for ReadOnce {
    fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, TreeError> {
        match self.0.bytes(path) {
            Ok(bytes) => Ok(bytes),
            // The tree says what is wrong in its own words.
            Err(_) => self.0.tree().read(path),
        }
    }

    fn list(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.tree().list(path)
    }

    fn list_without_links(&self, path: &RepoPath) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.0.tree().list_without_links(path)
    }

    fn kind(&self, path: &RepoPath) -> Option<EntryKind> {
        self.0.tree().kind(path)
    }

    fn canonicalize(&self, path: &RepoPath) -> Result<RepoPath, TreeError> {
        self.0.tree().canonicalize(path)
    }

    fn provenance(&self, path: &RepoPath) -> RepoPath {
        self.0.tree().provenance(path)
    }
}

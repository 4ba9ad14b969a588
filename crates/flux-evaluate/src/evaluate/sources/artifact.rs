//! The files of a source turn into its artifact: ignore rules, includes, unknown parts.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use kustomize_build::{Remotes, Sources};
use source_tree::{ObjectRef, Place, RepoPath, SourceTree};

use super::own::is_unstated_namesake;
use super::trees::LabelledTree;
use super::{Artifacts, Resolved};
use crate::artifact::{ArtifactTree, IncludeTree, PartlyKnownTree, Rules};
use crate::evaluate::include::{self, MAX_INCLUDES, Outcome, Resolving};
use crate::evaluate::remote_tree::RemoteTree;
use crate::evaluate::typed_objects::TypedObjects;
use crate::flux::{Include, Source};
use crate::{SourceContent, SourceRequest};

/// Why a file of `flux bootstrap` is not available.
const NOT_COMMITTED: &str = "not committed";

/// The inputs of an artifact.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Recipe {
    /// A source that is not the repository, with the address of its tree; `None` for the repository itself.
    other: Option<(ObjectRef, usize)>,
    rules: Rules,
    /// `spec.ignore`
    ignore: Option<String>,
    /// `fromPath` and `toPath` of each included artifact, after its address: it lives as long as the evaluation.
    included: Vec<(usize, RepoPath, RepoPath)>,
    unknown: Vec<(RepoPath, String)>,
}

/// The resolved includes of a source.
#[derive(Default)]
pub(super) struct Includes {
    pub(super) outcomes: Vec<(Include, Outcome)>,
    /// The files of the source with the included ones; `None` if it includes nothing.
    pub(super) tree: Option<IncludeTree>,
    /// Number of included folders, counting includes of includes.
    pub(super) count: usize,
}

/// The files of a source that is not the repository.
pub(super) struct OtherTree {
    tree: Arc<dyn SourceTree>,
    origin: Origin,
}

/// Where files come from that are not those of the repository's own artifact.
enum Origin {
    /// A folder that the caller names.
    Given,
    /// What was fetched, in this revision.
    Fetched(Arc<str>),
    /// A folder of the repository, which is pushed as an artifact of its own, and the place of the push.
    Pushed(RepoPath, Place),
}

impl Artifacts {
    /// A source, and its files without includes if it is not the repository. The error is why it has none.
    pub(super) fn base<'i>(
        &'i self,
        id: &ObjectRef,
        typed: &'i TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Result<(Option<&'i Source>, Option<OtherTree>), Resolved> {
        let stated = typed.source(id);
        let spec = stated.and_then(|(_, object)| object.applied().get("spec"));
        let stated = stated.map(|(source, _)| &**source);
        let bootstrapped = self.sync.iter().find(|sync| sync.id == *id);
        let source = stated.or(bootstrapped.map(|sync| &sync.source));
        let is_own = bootstrapped.is_some()
            || stated.is_some_and(|source| self.is_own(source) && !self.is_other_branch(source, typed, bare))
            || bare.contains(id);
        let content = self.contents.content(&SourceRequest {
            id,
            spec,
            is_repository: is_own,
        });
        let (tree, origin) = match content {
            SourceContent::Known(tree) => (tree, Origin::Given),
            SourceContent::Fetched { tree, revision } => (tree, Origin::Fetched(revision)),
            SourceContent::Unavailable(_) if is_own => return Ok((source, None)),
            SourceContent::Unavailable(why) if stated.is_some() => {
                match stated.and_then(|stated| self.pushed_folder(id, stated)) {
                    Some((folder, place)) => (Arc::clone(&self.tree), Origin::Pushed(folder, place)),
                    None => return Err(Resolved::Unresolved(why)),
                }
            }
            // If the source that bootstraps the cluster is defined nowhere, another reference to its name means it too.
            SourceContent::Unavailable(_) => {
                let mut sync = self.sync.iter();
                return match sync.any(|sync| is_unstated_namesake(sync, id)) {
                    true => Ok((None, None)),
                    false => Err(Resolved::Missing),
                };
            }
        };
        Ok((source, Some(OtherTree { tree, origin })))
    }

    /// The folder of the repository that is the content of a source because a script pushes it, and the place of the push.
    pub(in crate::evaluate) fn pushed_content(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Option<(RepoPath, Place)> {
        let (_, other) = self.base(id, typed, bare).ok()?;
        match other?.origin {
            Origin::Pushed(folder, place) => Some((folder, place)),
            Origin::Given | Origin::Fetched(_) => None,
        }
    }

    /// Resolves the includes of a source.
    pub(super) fn include(
        &self,
        other: Option<&OtherTree>,
        id: &ObjectRef,
        source: Option<&Source>,
        resolving: &mut Resolving<'_>,
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
                Outcome::Cycle
            } else {
                let (resolved, count) = self.resolve_once(&other, resolving);
                match resolved {
                    _ if resolving.stuck.contains(&other) => Outcome::Cycle,
                    _ if includes.count + count >= MAX_INCLUDES => Outcome::TooMany,
                    Resolved::Own(sources) | Resolved::Other(sources) => {
                        includes.count += 1 + count;
                        Outcome::include(&sources, include, &mut tree)
                    }
                    Resolved::Unresolved(why) => Outcome::Elsewhere(why),
                    Resolved::NotMade(_) | Resolved::Missing => Outcome::Missing,
                }
            };
            includes.outcomes.push((include.clone(), outcome));
        }
        resolving.chain.pop();
        includes.tree = Some(tree);
        includes
    }

    /// The files of a source, which is the repository if there is no `other`, and the folder that is archived.
    pub(super) fn files_of(
        &self,
        id: &ObjectRef,
        other: Option<&OtherTree>,
    ) -> (Arc<dyn SourceTree>, RepoPath) {
        let Some(other) = other else {
            return (Arc::clone(&self.tree), self.root.clone());
        };
        let label = match &other.origin {
            Origin::Pushed(folder, _) => return (Arc::clone(&other.tree), folder.clone()),
            Origin::Fetched(revision) => format!("{id}@{revision}:"),
            Origin::Given => format!("{id}:"),
        };
        let tree = Arc::clone(&other.tree);
        (Arc::new(LabelledTree { tree, label }), RepoPath::root())
    }

    pub(super) fn artifact(
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
                Outcome::Included(sources) => {
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
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sources) = known.get(&recipe) {
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
        let is_of_repository = other.is_none_or(|other| matches!(other.origin, Origin::Pushed(..)));
        let reads = self.reads.as_ref().filter(|_| is_of_repository);
        let watched = reads.map_or_else(|| Arc::clone(&tree), |reads| reads.watch(Arc::clone(&tree)));
        // Reads of fetched files are not recorded: the lock file decides whether catalogs are stale because of them.
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
        known.insert(recipe, Arc::clone(&sources));
        sources
    }
}

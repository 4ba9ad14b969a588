//! The files of a source turn into its artifact: rules, includes, what is unknown.

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
use crate::{SourceContent, SourceRequest, Unavailable};

/// Why a file of `flux bootstrap` is not at hand.
const NOT_COMMITTED: &str = "not committed";

/// What an artifact is made of.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Recipe {
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
pub(super) struct Includes {
    pub(super) outcomes: Vec<(Include, Outcome)>,
    /// The files of the source with what is put in; none where it includes nothing.
    pub(super) tree: Option<IncludeTree>,
    /// Number of folders that are put in, also by what is put in.
    pub(super) count: usize,
}

/// Where the files of a source come from, and what states it.
pub(super) enum Base<'i> {
    Own(Option<&'i Source>),
    Other(Option<&'i Source>, OtherTree),
    Unresolved(Unavailable),
    Missing,
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
    /// A folder of the repository, which is pushed as an artifact of its own.
    Pushed(RepoPath),
}

impl Artifacts {
    /// Where the files of a source come from, before others are put in.
    pub(super) fn base<'i>(
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
                let origin = Origin::Given;
                Base::Other(source, OtherTree { tree, origin })
            }
            (SourceContent::Fetched { tree, revision }, _) => {
                let origin = Origin::Fetched(revision);
                Base::Other(source, OtherTree { tree, origin })
            }
            (SourceContent::Unavailable(_), _) if is_own => Base::Own(source),
            // Where even the source that bootstraps the cluster is stated nowhere, one of its name is meant as it is.
            (SourceContent::Unavailable(_), None)
                if self.sync.iter().any(|sync| is_unstated_namesake(sync, id)) =>
            {
                Base::Own(None)
            }
            (SourceContent::Unavailable(why), Some(stated)) => match self.pushed_folder(id, stated) {
                Some((folder, _)) => {
                    let (tree, origin) = (Arc::clone(&self.tree), Origin::Pushed(folder));
                    Base::Other(source, OtherTree { tree, origin })
                }
                None => Base::Unresolved(why),
            },
            (SourceContent::Unavailable(_), None) => Base::Missing,
        }
    }

    /// The folder of the repository that is the content of a source because a script pushes it, and the place of the push.
    pub(in crate::evaluate) fn pushed_content(
        &self,
        id: &ObjectRef,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> Option<(RepoPath, Place)> {
        match self.base(id, typed, bare) {
            Base::Other(Some(source), other) if matches!(other.origin, Origin::Pushed(_)) => {
                self.pushed_folder(id, source)
            }
            _ => None,
        }
    }

    /// Resolves what a source includes.
    pub(super) fn include(
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
    pub(super) fn files_of(
        &self,
        id: &ObjectRef,
        other: Option<&OtherTree>,
    ) -> (Arc<dyn SourceTree>, RepoPath) {
        let Some(other) = other else {
            return (Arc::clone(&self.tree), self.root.clone());
        };
        let label = match &other.origin {
            Origin::Pushed(folder) => return (Arc::clone(&other.tree), folder.clone()),
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
        let is_of_repository = other.is_none_or(|other| matches!(other.origin, Origin::Pushed(_)));
        let reads = self.reads.as_ref().filter(|_| is_of_repository);
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
}

//! Which sources are this repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::ObjectRef;

use super::{Artifacts, Includes};
use crate::discovery::SyncSource;
use crate::evaluate::include::Resolving;
use crate::evaluate::typed_objects::TypedObjects;
use crate::flux::{Source, is_remote, same_repository};

impl Artifacts {
    /// The repository's own artifact, as the source that bootstraps the cluster makes it.
    pub(in crate::evaluate) fn entry(&self) -> Arc<Sources> {
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
    pub(in crate::evaluate) fn own(&self) -> Arc<Sources> {
        let id = ObjectRef::new("GitRepository", "", "");
        self.artifact(None, &id, None, Includes::default())
    }

    /// Whether bootstrapping tells which source is this repository.
    pub(in crate::evaluate) fn knows_sync(&self) -> bool {
        !self.sync.is_empty()
    }

    /// The source of bootstrapping with its URL, and a remote of the repository, where no remote has that URL.
    pub(in crate::evaluate) fn other_remote(&self) -> Option<(&ObjectRef, &str, &str)> {
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
    pub(super) fn is_own(&self, source: &Source) -> bool {
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
    pub(in crate::evaluate) fn is_other_branch(
        &self,
        source: &Source,
        typed: &TypedObjects<'_>,
        bare: &BTreeSet<ObjectRef>,
    ) -> bool {
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
    pub(in crate::evaluate) fn known_branch(&self) -> Option<&str> {
        let mut sync = self.sync.iter();
        sync.find_map(|sync| sync.source.reference.short())
    }
}

/// The name of a branch: of the first one of a repository that which it has today.
pub(super) fn renamed(branch: &str) -> &str {
    match branch {
        "master" => "main",
        branch => branch,
    }
}

pub(super) fn is_unstated_namesake(sync: &SyncSource, id: &ObjectRef) -> bool {
    sync.source.url.is_none() && sync.id.kind == id.kind && sync.id.name == id.name
}

//! Which sources are this repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use kustomize_build::Sources;
use source_tree::ObjectRef;

use super::{Artifacts, Includes};
use crate::discovery::SyncSource;
use crate::evaluate::include::Resolving;
use crate::evaluate::typed_objects::TypedObjects;
use crate::flux::{Source, is_remote, is_same_repository};

impl Artifacts {
    /// The repository's artifact, as the source makes it that bootstraps the cluster.
    pub(in crate::evaluate) fn entry(&self) -> Arc<Sources> {
        let has_rules = |sync: &&SyncSource| {
            let source = &sync.source;
            source.ignore.is_some() || source.layer_is_copied || !source.include.is_empty()
        };
        let sync = self.sync.iter().find(has_rules).or(self.sync.first());
        let Some(SyncSource { id, source }) = sync else {
            return self.own();
        };
        let (typed, bare) = (TypedObjects::default(), BTreeSet::new());
        let includes = self.include(None, id, Some(source), &mut Resolving::new(&typed, &bare));
        self.artifact(None, id, Some(source), includes)
    }

    /// The repository's artifact, as a GitRepository without further fields makes it.
    pub(in crate::evaluate) fn own(&self) -> Arc<Sources> {
        let id = ObjectRef::new("GitRepository", "", "");
        self.artifact(None, &id, None, Includes::default())
    }

    /// Whether a file of bootstrapping says which source is this repository.
    pub(in crate::evaluate) fn has_sync(&self) -> bool {
        !self.sync.is_empty()
    }

    /// The source of bootstrapping with its URL, and a remote of the repository, if no remote has that URL.
    pub(in crate::evaluate) fn other_remote(&self) -> Option<(&ObjectRef, &str, &str)> {
        let remote = self.remotes.first()?;
        let mut sync = self.sync.iter();
        let (id, url) = sync.find_map(|sync| Some((&sync.id, sync.source.url.as_deref()?)))?;
        let is_address = url.contains("://") && !url.starts_with("oci://") && !url.contains("${");
        (is_address && !is_remote(&self.remotes, url)).then_some((id, url, remote))
    }

    /// Whether a source has the repository's URL, and its branch as far as that is known.
    pub(super) fn is_own(&self, source: &Source) -> bool {
        let Some(url) = &source.url else { return false };
        // If it is unknown which branch is checked out, the one that the source names is assumed.
        let is_same_branch = |known: Option<&str>| match (known, source.reference.short()) {
            (Some(known), Some(stated)) => known == stated,
            (None, _) | (_, None) => true,
        };
        let by_sync = self.sync.iter().any(|sync| {
            let known = sync.source.url.as_deref();
            known.is_some_and(|known| is_same_repository(known, url))
                && is_same_branch(sync.source.reference.short())
        });
        by_sync || (is_remote(&self.remotes, url) && is_same_branch(self.known_branch()))
    }

    /// Whether a source with the repository's URL is a branch that is not checked out, while another source of the cluster is
    /// the one that is.
    ///
    /// If all sources name another branch, for example after a branch was renamed, they mean the one that is checked out.
    pub(super) fn is_other_branch(
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

    /// The branch that a file of bootstrapping names.
    fn known_branch(&self) -> Option<&str> {
        let mut sync = self.sync.iter();
        sync.find_map(|sync| sync.source.reference.short())
    }
}

/// The name of a branch; the old and the new name of Git's default branch count as one.
fn renamed(branch: &str) -> &str {
    match branch {
        "master" => "main",
        branch => branch,
    }
}

pub(super) fn is_unstated_namesake(sync: &SyncSource, id: &ObjectRef) -> bool {
    sync.source.url.is_none() && sync.id.kind == id.kind && sync.id.name == id.name
}

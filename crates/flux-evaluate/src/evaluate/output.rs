//! One build: what it depends on and what it yields.

use std::sync::Arc;

use source_tree::RepoPath;

use super::apply::{ApplyError, Objects};
use super::build::SharedBuild;
use super::sources::Resolved;
use super::variables::Merged;
use crate::flux::{CommonMetadata, PostBuild};
use crate::generate::ApiVersion;
use crate::substitute::Variables;

/// What one build depends on.
pub(super) struct Inputs {
    pub(super) files: Resolved,
    pub(super) path: RepoPath,
    /// Whether the path holds variables whose values are not known.
    pub(super) path_is_unknown: bool,
    pub(super) build_spec: yaml_node::Node,
    pub(super) api_version: ApiVersion,
    pub(super) post_build: Option<PostBuild>,
    pub(super) common_metadata: CommonMetadata,
    pub(super) merged: Merged,
    /// Whether no Kustomization points at the folder.
    pub(super) is_bare: bool,
    /// Whether nothing in the repository applies the folder, and its variables are those that the caller gives: others may
    /// be defined too.
    pub(super) is_given: bool,
}

/// What one build yields.
pub(super) struct Output {
    pub(super) inputs: Inputs,
    pub(super) result: Result<Objects, Failure>,
    pub(super) build: Option<SharedBuild>,
}

/// Why a Kustomization applies nothing.
pub(super) enum Failure {
    /// Its content is not at hand.
    External,
    /// Its path holds variables whose values are not known.
    PathUnknown,
    PathMissing,
    Build,
    Apply(ApplyError),
}

impl Inputs {
    /// Whether a build would have the same result.
    pub(super) fn same(&self, other: &Inputs) -> bool {
        let same_files = match (self.files.sources(), other.files.sources()) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none() && self.files.is_missing() == other.files.is_missing(),
        };
        same_files
            && self.path == other.path
            && self.path_is_unknown == other.path_is_unknown
            && self.api_version == other.api_version
            && self.build_spec == other.build_spec
            && self.post_build == other.post_build
            && self.common_metadata == other.common_metadata
            && self.merged == other.merged
    }

    /// Whether there may be more variables than are known.
    pub(super) fn is_open(&self) -> bool {
        self.is_given || self.merged.unknown().next().is_some() || !self.merged.encrypted.is_empty()
    }

    pub(super) fn variables(&self) -> &Variables {
        &self.merged.variables
    }
}

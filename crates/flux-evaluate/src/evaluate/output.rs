//! Inputs and result of one build.

use std::sync::Arc;

use kustomize_build::Build;
use source_tree::RepoPath;

use super::apply::{ApplyError, Objects};
use super::build::SharedBuild;
use super::sources::Resolved;
use super::variables::Merged;
use super::views::Views;
use crate::flux::{CommonMetadata, PostBuild};
use crate::generate::ApiVersion;
use crate::substitute::Variables;

/// The inputs of one build.
pub(super) struct Inputs {
    pub(super) files: Resolved,
    pub(super) path: RepoPath,
    /// Whether the path contains variables whose values are unknown.
    pub(super) path_is_unknown: bool,
    pub(super) build_spec: yaml_node::Node,
    pub(super) api_version: ApiVersion,
    pub(super) post_build: Option<PostBuild>,
    pub(super) common_metadata: CommonMetadata,
    pub(super) merged: Merged,
    /// Whether no Kustomization points at the folder.
    pub(super) is_bare: bool,
    /// Whether nothing in the repository applies the folder, and its variables are those that the caller gives: there may be
    /// others.
    pub(super) is_given: bool,
}

/// The result of one build.
pub(super) struct Output {
    pub(super) inputs: Inputs,
    pub(super) result: Result<Objects, Failure>,
    /// Views of the objects of `result`.
    pub(super) views: Views,
    pub(super) build: Option<SharedBuild>,
}

impl Output {
    /// The build, if it succeeded.
    pub(super) fn build(&self) -> Option<&Build> {
        self.build.as_deref()?.as_ref().ok()
    }
}

/// Why a Kustomization applies nothing.
pub(super) enum Failure {
    /// Its content is not available.
    External,
    /// Its path contains variables whose values are unknown.
    PathUnknown,
    PathMissing,
    Build,
    Apply(ApplyError),
}

impl Inputs {
    /// Whether a build would have the same result.
    pub(super) fn is_same_as(&self, other: &Inputs) -> bool {
        self.files.sources().map(Arc::as_ptr) == other.files.sources().map(Arc::as_ptr)
            && self.files.is_missing() == other.files.is_missing()
            && self.path == other.path
            && self.path_is_unknown == other.path_is_unknown
            && self.api_version == other.api_version
            && self.build_spec == other.build_spec
            && self.post_build == other.post_build
            && self.common_metadata == other.common_metadata
            && self.merged == other.merged
    }

    /// Whether there may be unknown variables.
    pub(super) fn is_open(&self) -> bool {
        self.is_given || self.merged.unknown().next().is_some() || !self.merged.encrypted.is_empty()
    }

    pub(super) fn variables(&self) -> &Variables {
        &self.merged.variables
    }
}

//! Objects of a repository that Flux does not apply, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ObjectRef, Place};

/// An object, or a part of one, that no Kustomization of the cluster applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "NotAppliedEntry")]
pub struct NotApplied {
    /// Kind of the object; for a part what it is, such as `container`, `env`, `key` or `component`.
    pub kind: String,
    /// Namespace as its file states it.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// Name as its file states it.
    pub name: String,
    /// The object that it would be a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<ObjectRef>,
    /// Why it is not applied.
    pub reason: NotAppliedReason,
    /// Where it is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// The place that decides it: a comment, a patch, a Kustomization, a value. For what nothing lists, the kustomization file
    /// that could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Place>,
    /// What decides it: the key or `namespace/name` of a Kustomization or HelmRelease, or the name of a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// More about it: the path that nothing lists, why a Kustomization fails, the path of a value, a pattern, the comment around
    /// what is commented out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why it would not be applied either, where the comment were gone: what it is in does not build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_fail: Option<String>,
}

/// Why something is not applied.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum NotAppliedReason {
    /// No kustomization file lists its file, or a folder around it.
    #[default]
    Unlisted,
    /// It is in a comment, or a comment is all that lists it.
    CommentedOut,
    /// A patch removes it.
    RemovedByPatch,
    /// The Kustomization that would apply it is applied by none.
    KustomizationNotApplied,
    /// The Kustomization that would apply it cannot be built.
    KustomizationFailed,
    /// A value of a HelmRelease says `enabled: false`.
    SwitchedOff,
    /// A pattern leaves its file out of what Flux fetches.
    SourceIgnored,
    /// Only another cluster of the repository has it.
    OtherCluster,
}

impl NotAppliedReason {
    /// Every reason.
    pub const ALL: [NotAppliedReason; 8] = [
        NotAppliedReason::Unlisted,
        NotAppliedReason::CommentedOut,
        NotAppliedReason::RemovedByPatch,
        NotAppliedReason::KustomizationNotApplied,
        NotAppliedReason::KustomizationFailed,
        NotAppliedReason::SwitchedOff,
        NotAppliedReason::SourceIgnored,
        NotAppliedReason::OtherCluster,
    ];
}

impl NotApplied {
    /// The object itself, or the object that it would be a part of.
    pub fn object(&self) -> ObjectRef {
        match &self.part_of {
            Some(object) => object.clone(),
            None => ObjectRef::new(&self.kind, &self.namespace, &self.name),
        }
    }
}

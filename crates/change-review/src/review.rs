//! The types of a review. Serialised, they are what `diff --format json` prints.

use catalog_emit::facts::FactChange;
use schemars::JsonSchema;
use serde::Serialize;
use source_tree::{Diagnostic, ObjectRef, Place};

use crate::danger::codes::BUILD_FAILS;

/// What changes, by cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// What is compared: a revision or a folder.
    pub from: String,
    /// What it is compared with.
    pub to: String,
    /// The clusters in which something changes or cannot be compared.
    pub clusters: Vec<ClusterReview>,
}

/// What changes in one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterReview {
    /// The cluster's name.
    pub cluster: String,
    /// The side that alone has the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Which>,
    /// Objects that differ, by owner.
    pub objects: Vec<ObjectChange>,
    /// Number of objects that differ in nothing but what [`FieldChange::noise`] marks; they are not in `objects`.
    pub noise_only: usize,
    /// Parts that cannot be compared, since a side does not build.
    pub not_compared: Vec<NotCompared>,
    /// Workloads whose pods are replaced.
    pub restarts: Vec<Restart>,
    /// Workloads that go on with old values.
    pub stale: Vec<Stale>,
    /// Kustomizations and controllers whose objects or own specification change, as `Kind/namespace/name`.
    pub touched: Vec<String>,
    /// Objects that leave the repository, and what Flux does with them.
    pub deletions: Vec<Deletion>,
    /// Dangers of the change.
    pub dangers: Vec<Diagnostic>,
    /// Facts of the catalogs that differ.
    pub facts: Vec<FactChange>,
    /// Findings that come and go.
    pub findings: FindingChanges,
}

/// A side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// Before the change.
    Before,
    /// After the change.
    After,
}

/// One object that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectChange {
    /// What happens to it.
    pub change: Change,
    /// Kind.
    pub kind: String,
    /// API version, after the change where it is still there.
    pub api_version: String,
    /// Namespace; absent where none is stated.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The name before, where a hash of the content is part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_name: Option<String>,
    /// `Kind/namespace/name` of what applies it, or `entry`.
    pub owner: String,
    /// What applied it before, where another does now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<String>,
    /// Where it is stated, after the change where it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Fields that differ; none for one that is added or removed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Number of further fields that differ.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_fields: usize,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It is new.
    Added,
    /// Some of its fields differ.
    Changed,
    /// Something else applies it.
    Moved,
    /// It is gone.
    Removed,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// Path to it: `spec.template.spec.containers[app].image`. Items of lists are named by what tells them apart.
    pub path: String,
    /// The value before, with credentials withheld; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// For a text of several lines: those that differ, after `-` or `+`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// File and line that decide the new value, or stated the old one where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether it follows from the chart's version or from another change shown: chart labels, checksums.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub noise: bool,
}

/// A part that is not compared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotCompared {
    /// `Kind/namespace/name` of what does not build, or `entry`.
    pub owner: String,
    /// On which side it does not.
    pub side: Which,
    /// Why.
    pub reason: String,
    /// Number of objects of the other side that are left out, including those of Kustomizations below it. 0 if neither side has
    /// them: a changed HelmRelease whose chart is not available, or an owner that neither side builds.
    pub objects: usize,
}

/// A workload whose pods are replaced.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restart {
    /// Kind.
    pub kind: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Paths of the fields of the pod template that differ.
    pub because: Vec<String>,
}

/// A workload whose environment variables come from something that changes, and whose pods are not replaced.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stale {
    /// Kind.
    pub kind: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Name.
    pub name: String,
    /// `Kind/name` of what it reads.
    pub reads: Vec<String>,
}

/// What Flux does with an object that leaves the repository.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// `Kind/namespace/name`.
    pub object: String,
    /// Whether Flux deletes it.
    pub pruned: bool,
    /// Why it stays, or what deletes it.
    pub reason: String,
}

/// Findings that come and go. Their places are not compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingChanges {
    /// New ones.
    pub new: Vec<Diagnostic>,
    /// Those that are gone.
    pub gone: Vec<Diagnostic>,
}

impl Which {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Which::Before => "before",
            Which::After => "after",
        }
    }
}

impl ObjectChange {
    /// The object that differs.
    pub(crate) fn object(&self) -> ObjectRef {
        ObjectRef::new(&self.kind, &self.namespace, &self.name)
    }
}

impl Review {
    /// Whether nothing changes, and everything was compared.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// Everything dangerous in the change.
    pub fn dangers(&self) -> impl Iterator<Item = &Diagnostic> {
        self.clusters.iter().flat_map(|cluster| &cluster.dangers)
    }
}

impl ClusterReview {
    /// The texts about objects: names, paths, messages.
    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let objects = self.objects.iter_mut().flat_map(|object| {
            let names = [&mut object.namespace, &mut object.name, &mut object.owner];
            let paths = object.fields.iter_mut().map(|field| &mut field.path);
            names
                .into_iter()
                .chain(&mut object.previous_name)
                .chain(&mut object.previous_owner)
                .chain(paths)
        });
        let restarts = self.restarts.iter_mut().flat_map(|restart| {
            let names = [&mut restart.namespace, &mut restart.name];
            names.into_iter().chain(&mut restart.because)
        });
        let stale = self.stale.iter_mut().flat_map(|stale| &mut stale.reads);
        let deletions = self.deletions.iter_mut();
        let deletions = deletions.flat_map(|deletion| [&mut deletion.object, &mut deletion.reason]);
        let unbuilt = self.not_compared.iter_mut();
        let unbuilt = unbuilt.flat_map(|part| [&mut part.owner, &mut part.reason]);
        let dangers = self.dangers.iter_mut().flat_map(|danger| {
            let more = danger.hint.iter_mut().chain(&mut danger.object);
            std::iter::once(&mut danger.message).chain(more)
        });
        objects
            .chain(restarts)
            .chain(stale)
            .chain(&mut self.touched)
            .chain(deletions)
            .chain(unbuilt)
            .chain(dangers)
    }

    /// Whether a danger already explains why a part is not compared.
    pub(crate) fn is_explained(&self, part: &NotCompared) -> bool {
        let mut dangers = self.dangers.iter();
        dangers.any(|danger| danger.code == BUILD_FAILS && danger.object.as_ref() == Some(&part.owner))
    }

    /// Whether nothing changes, and everything was compared.
    pub fn is_empty(&self) -> bool {
        self.only.is_none()
            && self.objects.is_empty()
            && self.noise_only == 0
            && self.not_compared.is_empty()
            && self.dangers.is_empty()
            && self.facts.is_empty()
            && self.findings.new.is_empty()
            && self.findings.gone.is_empty()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

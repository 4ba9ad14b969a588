//! Metadata of an object.

use std::collections::BTreeMap;

use infra_model::ObjectRef;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::view::views;
use crate::message::non_empty;

views! {
    /// `metadata`
    Metadata {
        name: String,
        namespace: String,
        generation: Option<i64>,
        creation_timestamp: String,
        deletion_timestamp: String,
        labels: Texts,
        annotations: Texts,
        owner_references: Vec<OwnerReference>,
    }

    /// An entry of `ownerReferences`.
    OwnerReference {
        kind: String,
        name: String,
    }
}

/// Labels or annotations that are read. Others are dropped: an annotation can hold a whole manifest, even that of a Secret.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

/// The labels and annotations that are read.
const READ: [&str; 17] = [
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "batch.kubernetes.io/job-name",
    "helm.sh/hook",
    "helm.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/namespace",
    "job-name",
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
    "kustomize.toolkit.fluxcd.io/reconcile",
    "kustomize.toolkit.fluxcd.io/ssa",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "pod-template-hash",
    "reconcile.fluxcd.io/requestedAt",
    "resourceset.fluxcd.controlplane.io/name",
    "resourceset.fluxcd.controlplane.io/namespace",
];

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("labels or annotations")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if READ.contains(&key.as_str()) {
                        texts.insert(key, map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(TextsVisitor)
    }
}

impl Texts {
    /// The text of a key, unless it is empty.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        non_empty(self.0.get(key)?)
    }
}

impl Metadata {
    /// The identity of the object.
    pub(crate) fn object(&self, kind: &str) -> ObjectRef {
        ObjectRef::new(kind, self.namespace.as_str(), self.name.as_str())
    }

    /// The Flux object that applied it, by its labels. An object of a chart has the labels of its HelmRelease, and the HelmRelease
    /// those of its Kustomization.
    pub(crate) fn flux_owner(&self) -> Option<ObjectRef> {
        let owner = |kind: &str, group: &str| {
            let label = |end: &str| self.labels.get(&format!("{group}/{end}"));
            Some(ObjectRef::new(kind, label("namespace")?, label("name")?))
        };
        owner("HelmRelease", "helm.toolkit.fluxcd.io")
            .or_else(|| owner("Kustomization", "kustomize.toolkit.fluxcd.io"))
            .or_else(|| owner("ResourceSet", "resourceset.fluxcd.controlplane.io"))
    }

    /// Whether its spec is newer than the one that its controller observed.
    pub(crate) fn is_newer_than(&self, observed_generation: Option<i64>) -> bool {
        let generations = self.generation.zip(observed_generation);
        generations.is_some_and(|(generation, observed)| observed < generation)
    }

    /// Whether it is being deleted.
    pub(crate) fn is_deleting(&self) -> bool {
        !self.deletion_timestamp.is_empty()
    }
}

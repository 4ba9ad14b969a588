//! Flux's own objects: Kustomizations, HelmReleases and sources.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::{
    Entry, abridge_name, abridge_name_after_kind, complete_kind_and_name, complete_name, named,
};
use crate::fields::Fields;
use crate::keys::Key;
use crate::skip::is_false;
use crate::{ObjectRef, Place};

/// A Flux Kustomization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "KustomizationEntry")]
pub struct Kustomization {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Its own namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// `spec.path` after substitution.
    pub path: String,
    /// Name of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// Keys of the Kustomizations it waits for, in the order stated.
    pub depends_on: Vec<Key>,
    /// `spec.interval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// `spec.prune`
    pub prune: bool,
    /// Keys of the services it applies directly, sorted.
    pub manages: Vec<Key>,
    /// Kind of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_kind: Option<String>,
    /// Namespace of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_namespace: Option<String>,
    /// Present and true where it is suspended.
    #[serde(skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// `spec.targetNamespace`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_namespace: Option<String>,
    /// `spec.namePrefix`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// `spec.nameSuffix`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_suffix: Option<String>,
    /// Present and true where it waits for its objects to be ready.
    #[serde(skip_serializing_if = "is_false")]
    pub wait: bool,
    /// `spec.timeout`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// `spec.retryInterval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_interval: Option<String>,
    /// `spec.components`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<String>,
    /// Names of `spec.postBuild.substitute`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub substitute: Vec<String>,
    /// `spec.postBuild.substituteFrom`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub substitute_from: Vec<SubstituteFrom>,
    /// `spec.decryption.provider`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decryption: Option<String>,
    /// `spec.healthChecks` as `Kind/namespace/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub health_checks: Vec<ObjectRef>,
    /// Kinds of `healthCheckExprs`, in the order stated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub health_check_exprs: Vec<String>,
    /// Name of the Secret or ConfigMap of `spec.kubeConfig`: its objects belong to another cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<String>,
    /// Key of the Kustomization that applies this one; `null` where none does.
    pub parent: Option<Key>,
    /// Keys of the Kustomizations that this one applies, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Key>,
    /// Keys of the Kustomizations that wait for this one, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<Key>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Number of objects it applies.
    pub objects: usize,
    /// Why it could not be built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Present and true where parts of its build are not available offline: its objects are the rest.
    #[serde(skip_serializing_if = "is_false")]
    pub partial: bool,
    /// Those parts, as kustomization files name them, such as URLs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Variables of its objects whose values are not known, sorted; the objects have them as `${NAME}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_variables: Vec<String>,
    /// `FluxInstance/<namespace>/<name>` that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<ObjectRef>,
    /// The lines that decide `prune`, where it is false, and `interval`, where another file than its own does, by these names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Place>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

named!(Kustomization);

/// An entry of `substituteFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "SubstituteFromEntry")]
pub struct SubstituteFrom {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether the repository makes it.
    pub known: bool,
}

/// Most values of a release that are kept.
pub const MOST_VALUES: usize = 300;

/// A HelmRelease.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "HelmReleaseEntry")]
pub struct HelmRelease {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// The object's own namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// The chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// Name of the chart's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_source: Option<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// `spec.interval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Chart version or range, as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where the version is stated: in the HelmRelease, or in the OCIRepository or HelmChart that it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_source: Option<Place>,
    /// Kind of the chart's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_source_kind: Option<String>,
    /// URL of the chart's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_source_url: Option<String>,
    /// `spec.chartRef`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_ref: Option<ChartRef>,
    /// `spec.targetNamespace`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_namespace: Option<String>,
    /// The release's name by Helm's and Flux's rules.
    pub release_name: String,
    /// Namespace of the release, where it is neither the target namespace nor the object's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub release_namespace: String,
    /// `spec.storageNamespace`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_namespace: Option<String>,
    /// Keys of the HelmReleases it waits for, in the order stated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Key>,
    /// What became of the chart. Absent in the cluster of a HelmRelease that is installed in another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_status: Option<ChartStatus>,
    /// The version of the chart that was rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_version: Option<String>,
    /// Keys of the services that its chart makes, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<Key>,
    /// Hooks of its chart that run while it is installed or upgraded, as `Kind/namespace/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<ObjectRef>,
    /// Names of the CustomResourceDefinitions that its chart brings, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crds: Vec<String>,
    /// Classes, issuers and their like that its chart makes and objects of others may name, as `Kind/namespace/name`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<ObjectRef>,
    /// Present and true where values that its chart was rendered with are not known.
    #[serde(skip_serializing_if = "is_false")]
    pub partial: bool,
    /// The objects that hold those values, as `Kind/namespace/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_values: Vec<ObjectRef>,
    /// `spec.valuesFrom`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values_from: Vec<ValuesFrom>,
    /// Present and true where it is suspended.
    #[serde(skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// Name of the Secret or ConfigMap of `spec.kubeConfig`: what it installs is in another cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kube_config: Option<String>,
    /// Install and upgrade remediation, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// What its spec says beside chart and values, by path, such as `install.crds`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The lines that decide `install.remediation.retries` and `upgrade.remediation.retries`, by these names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Place>,
    /// Scalars of `spec.values` by dotted path, where its chart is not available and its objects are not known.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub values: Fields,
    /// Storage buckets that its values name, by dotted path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub buckets: BTreeMap<String, String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl HelmRelease {
    /// Whether the objects of its chart are unknown, since the chart is not available or fails.
    pub fn is_chart_unknown(&self) -> bool {
        self.chart_status
            .is_some_and(|status| status != ChartStatus::Rendered)
    }

    /// The default namespace of a release.
    fn usual_release_namespace(&self) -> &str {
        self.target_namespace.as_deref().unwrap_or(&self.namespace)
    }
}

impl Entry for HelmRelease {
    fn complete(&mut self, key: &str) {
        complete_name(&mut self.name, key);
        if self.release_namespace.is_empty() {
            self.release_namespace = self.usual_release_namespace().to_owned();
        }
    }

    fn abridge(&mut self, key: &str) {
        abridge_name(&mut self.name, key);
        if self.release_namespace == self.usual_release_namespace() {
            self.release_namespace.clear();
        }
    }
}

/// What became of the chart of a HelmRelease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ChartStatus {
    /// What it makes is catalogued.
    #[serde(rename = "rendered")]
    Rendered,
    /// It could not be rendered; a diagnostic says why.
    #[serde(rename = "failed")]
    Failed,
    /// It is neither in the repository nor given, so that its values alone are known.
    #[serde(rename = "not available", alias = "not at hand")]
    NotAtHand,
    /// The release is installed in another cluster, for which no chart is rendered.
    #[serde(rename = "not rendered for another cluster")]
    OtherCluster,
}

impl ChartStatus {
    /// The words of the catalog.
    pub fn as_str(self) -> &'static str {
        match self {
            ChartStatus::Rendered => "rendered",
            ChartStatus::Failed => "failed",
            ChartStatus::NotAtHand => "not available",
            ChartStatus::OtherCluster => "not rendered for another cluster",
        }
    }
}

/// `spec.chartRef`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ChartRefEntry")]
pub struct ChartRef {
    /// `OCIRepository`, `HelmChart` or `ExternalArtifact`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
}

/// An entry of `valuesFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ValuesFromEntry")]
pub struct ValuesFrom {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name as rendered.
    pub name: String,
    /// `valuesKey`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values_key: Option<String>,
    /// `targetPath`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_path: Option<String>,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether the repository makes it.
    pub known: bool,
}

/// A source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "SourceEntry")]
pub struct Source {
    /// Kind. The key says it.
    #[serde(skip)]
    pub kind: String,
    /// The plain name, where the key has another after its kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// URL or endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Reference in short, such as `branch: main`.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `spec.interval`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Present and true where it is suspended: what it holds stays as it was fetched last.
    #[serde(skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// Name of `spec.secretRef`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<String>,
    /// Present and true for this repository.
    #[serde(rename = "self", skip_serializing_if = "is_false")]
    pub is_self: bool,
    /// `Kustomization/<key>` and `HelmRelease/<key>`, sorted.
    pub used_by: Vec<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// Present and true where it is only referenced, and no object of the repository states it.
    #[serde(skip_serializing_if = "is_false")]
    pub missing: bool,
    /// `Kind/<namespace>/<name>` that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<ObjectRef>,
    /// The lines that decide `ref`, and `interval`, where another file than its own does, by these names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Place>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

impl Entry for Source {
    fn complete(&mut self, key: &str) {
        complete_kind_and_name(&mut self.kind, &mut self.name, key);
    }

    fn abridge(&mut self, key: &str) {
        abridge_name_after_kind(&mut self.name, key);
    }
}

//! Flux's own objects: Kustomizations, HelmReleases and sources.

use std::collections::BTreeMap;

use crate::Place;
use crate::keys::Key;

/// A Flux Kustomization, as its parent's build leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kustomization {
    /// The plain name.
    pub name: String,
    /// Its own namespace.
    pub namespace: String,
    /// `spec.path` after substitution, as written otherwise.
    pub path: String,
    /// Name of the source.
    pub source_ref: Option<String>,
    /// Kind of the source.
    pub source_kind: Option<String>,
    /// Namespace of the source, where it differs from its own or is stated.
    pub source_namespace: Option<String>,
    /// Keys of the Kustomizations it waits for, in the order stated; `namespace/name` where nothing has that name.
    pub depends_on: Vec<Key>,
    /// `spec.interval`, such as `10m`.
    pub interval: Option<String>,
    /// `spec.prune`.
    pub prune: bool,
    /// Keys of the services it applies directly, in the order in which it applies them.
    pub manages: Vec<Key>,
    /// `spec.suspend`.
    pub suspend: bool,
    /// `spec.targetNamespace`.
    pub target_namespace: Option<String>,
    /// `spec.namePrefix`.
    pub name_prefix: Option<String>,
    /// `spec.nameSuffix`.
    pub name_suffix: Option<String>,
    /// `spec.wait`.
    pub wait: bool,
    /// `spec.timeout`.
    pub timeout: Option<String>,
    /// `spec.retryInterval`.
    pub retry_interval: Option<String>,
    /// `spec.components`.
    pub components: Vec<String>,
    /// Names of `spec.postBuild.substitute`, sorted.
    pub substitute: Vec<String>,
    /// `spec.postBuild.substituteFrom`, in order.
    pub substitute_from: Vec<SubstituteFrom>,
    /// `spec.decryption.provider`.
    pub decryption: Option<String>,
    /// `spec.healthChecks` as `Kind/namespace/name`.
    pub health_checks: Vec<String>,
    /// Name of the Secret or ConfigMap of `spec.kubeConfig`: the objects belong to another cluster.
    pub kube_config: Option<String>,
    /// Key of the Kustomization that applies this one.
    pub parent: Option<Key>,
    /// Keys of the Kustomizations that this one applies, sorted.
    pub children: Vec<Key>,
    /// Keys of the Kustomizations that wait for this one, sorted.
    pub dependents: Vec<Key>,
    /// Further Kustomizations that emit this one.
    pub also_applied_by: Vec<Key>,
    /// Number of objects it applies.
    pub objects: usize,
    /// Why it could not be built.
    pub error: Option<String>,
    /// Made by a FluxInstance: `FluxInstance/<ns>/<name>`.
    pub generated_by: Option<String>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

/// An entry of `substituteFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubstituteFrom {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// `optional`
    pub optional: bool,
    /// Whether the repository makes it, so that its values are known.
    pub known: bool,
}

/// A HelmRelease.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HelmRelease {
    /// The plain name.
    pub name: String,
    /// The object's own namespace.
    pub namespace: String,
    /// Chart name: see `catalogs.md` for `chart` and `chartRef`.
    pub chart: Option<String>,
    /// Name of the chart's source.
    pub chart_source: Option<String>,
    /// Kind of the chart's source.
    pub chart_source_kind: Option<String>,
    /// URL of the chart's source, if the source is known.
    pub chart_source_url: Option<String>,
    /// `spec.chartRef`.
    pub chart_ref: Option<ChartRef>,
    /// Chart version or range as stated.
    pub version: Option<String>,
    /// Key of the Kustomization that applies it.
    pub kustomization: Option<Key>,
    /// Keys of further Kustomizations that apply the same object.
    pub also_applied_by: Vec<Key>,
    /// `spec.interval`.
    pub interval: Option<String>,
    /// `spec.targetNamespace`.
    pub target_namespace: Option<String>,
    /// The release's name by Helm's and Flux's rules.
    pub release_name: String,
    /// Namespace of the release.
    pub release_namespace: String,
    /// `spec.storageNamespace`.
    pub storage_namespace: Option<String>,
    /// Keys of the HelmReleases it waits for, in the order stated.
    pub depends_on: Vec<Key>,
    /// `spec.valuesFrom`, in order.
    pub values_from: Vec<ValuesFrom>,
    /// `spec.suspend`.
    pub suspend: bool,
    /// Install and upgrade remediation in short, such as `install: 3 retries`.
    pub remediation: Option<String>,
    /// Scalars of the effective values that name storage buckets, by dotted path.
    pub buckets: BTreeMap<String, String>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

/// `spec.chartRef`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartRef {
    /// `OCIRepository`, `HelmChart` or `ExternalArtifact`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace, the HelmRelease's own where not stated.
    pub namespace: String,
}

/// An entry of `valuesFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValuesFrom {
    /// `ConfigMap` or `Secret`.
    pub kind: String,
    /// Name as rendered.
    pub name: String,
    /// `valuesKey`, where stated.
    pub values_key: Option<String>,
    /// `targetPath`, where stated.
    pub target_path: Option<String>,
    /// `optional`
    pub optional: bool,
    /// Whether the repository makes it.
    pub known: bool,
}

/// A source: GitRepository, OCIRepository, HelmRepository, Bucket, HelmChart, ExternalArtifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// URL or endpoint.
    pub url: Option<String>,
    /// Reference in short, such as `branch: main` or `tag: 1.2.3`.
    pub reference: Option<String>,
    /// `spec.interval`.
    pub interval: Option<String>,
    /// Name of `spec.secretRef`.
    pub secret_ref: Option<String>,
    /// Whether it is this repository.
    pub is_self: bool,
    /// Key of the Kustomization that applies it.
    pub kustomization: Option<Key>,
    /// `Kustomization/<key>` and `HelmRelease/<key>`, sorted.
    pub used_by: Vec<String>,
    /// Whether an object of the repository states it; false for one that is only referenced.
    pub stated: bool,
    /// Made by a FluxInstance or ArtifactGenerator: `Kind/<ns>/<name>`.
    pub generated_by: Option<String>,
    /// Where a person edits it.
    pub source: Option<Place>,
}

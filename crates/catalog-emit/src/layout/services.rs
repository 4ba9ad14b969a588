//! `services.json`: services, and what decides their images.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::is_false;
use super::{AmbiguousMaps, KnowledgeSection, Metadata, SourcePlace};

/// Services and image groups of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicesFile {
    /// The JSON Schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Workloads that Flux applies, and HelmReleases.
    pub services: BTreeMap<String, ServiceEntry>,
    /// The places in the repository that decide the images of services.
    #[serde(default)]
    pub image_groups: BTreeMap<String, ImageGroupEntry>,
    /// What people wrote down that belongs to no entry.
    #[serde(default, skip_serializing_if = "KnowledgeSection::is_empty")]
    pub knowledge: KnowledgeSection,
    /// Names that stand for several entries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ambiguous: AmbiguousMaps,
    /// Where the file comes from.
    pub metadata: Metadata,
}

/// A workload that Flux applies, or a HelmRelease.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceEntry {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it runs; for a HelmRelease the release namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The Deployment's name; `null` for another kind.
    pub deployment: Option<String>,
    /// `spec.path` of the Kustomization that applies it, without `./`, with a final `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_path: Option<String>,
    /// The HelmRelease's name; `null` for a plain workload.
    pub helm_release: Option<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<String>,
    /// What it is; `null` where nobody says.
    pub description: Option<String>,
    /// Key of the image group of its first container; `null` where none decides it.
    pub image_group: Option<String>,
    /// Kind and name of the workload; `null` for a HelmRelease whose chart was not rendered.
    pub workload: Option<WorkloadEntry>,
    /// Replicas, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i64>,
    /// Present and true where its Kustomization or HelmRelease is suspended.
    #[serde(skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// Keys of all its image groups in container order, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image_groups: Vec<String>,
    /// Rendered image references of all its containers, in order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Other names people use, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// `matchLabels` of its selector.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<String, String>,
    /// Container ports, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<i64>,
    /// The same ports with container, name and protocol, where the numbers alone do not say everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub container_ports: Vec<ContainerPort>,
    /// `name.namespace.svc.cluster.local` of the Kubernetes Services that select it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Hosts of the Ingresses and routes that lead to it, and those that the values of its chart publish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// What it talks to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<DependencyEntry>,
    /// What happens when it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_impact: Option<String>,
    /// Keys into `configMaps` of `configmaps.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config_maps: Vec<String>,
    /// Keys into `references` of `secrets-map.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Keys into `secretProviderClasses` of `secrets-map.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_provider_classes: Vec<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<String>,
    /// `FluxInstance/<namespace>/<name>` that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<String>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourcePlace>,
}

/// Kind and name of a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkloadEntry {
    /// Kind, such as `StatefulSet`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// `apiVersion`, where it is not the usual one of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
}

/// A port of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    /// The container.
    pub container: String,
    /// Number.
    pub port: i64,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Protocol, where it is not TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
}

/// Something that a service talks to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DependencyEntry {
    /// Key of a service, or the host of something outside.
    pub target: String,
    /// How it is known.
    pub via: Via,
    /// What shows it.
    pub evidence: String,
    /// The file that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// How it is known that a service talks to something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// A container's `env`.
    #[default]
    Env,
    /// A ConfigMap that the service uses.
    Config,
    /// A container's `command` or `args`.
    Args,
    /// Effective Helm values.
    Values,
    /// The knowledge file.
    Curated,
}

/// One place in the repository that decides the tag of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageGroupEntry {
    /// The file that has the last word.
    pub file: String,
    /// The image as it must be matched in that file.
    pub image_name: String,
    /// What kind of place it is.
    #[serde(rename = "type")]
    pub kind: ImageGroupType,
    /// Keys of the services whose rendered image it decides, sorted.
    pub services: Vec<String>,
    /// A yq v4 expression that selects exactly the scalar holding the tag, or the whole image string.
    pub yq_path: String,
    /// JSON pointer to the same scalar in its document.
    pub pointer: String,
    /// Index of the YAML document in the file, from 0.
    pub document: usize,
    /// Present tag or digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Marker of Flux' image automation beside the scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_policy: Option<String>,
    /// File and line of the scalar.
    pub source: SourcePlace,
}

/// What kind of place decides an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageGroupType {
    /// `images` of a kustomization file.
    #[default]
    KustomizeImages,
    /// `spec.images` of a Flux Kustomization.
    FluxImages,
    /// Values of a HelmRelease.
    HelmValues,
    /// The literal in the workload's manifest.
    Manifest,
}

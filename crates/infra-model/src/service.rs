//! Services: the workloads that Flux applies, including HelmReleases, and the places that decide their images.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dependency::Dependency;
use crate::entry::{Entry, abridge_name, complete_name};
use crate::keys::Key;
use crate::pods::{
    Autoscaler, Container, DisruptionBudget, EnvVariable, LoadBalancer, NodeRule, PodVolume, Route,
    ServicePort, VolumeClaim,
};
use crate::skip::{is_false, is_tcp};
use crate::{ObjectRef, Place, RepoPath};

/// A workload that Flux applies, or a HelmRelease.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ServiceEntry")]
pub struct Service {
    /// The plain name, where the key is another.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub name: String,
    /// Where it runs; for a HelmRelease the release namespace.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub namespace: String,
    /// The Deployment's name; `null` for another kind.
    pub deployment: Option<String>,
    /// `spec.path` of the Kustomization that applies it, without `./`, with a final `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flux_path: Option<String>,
    /// The HelmRelease's name; `null` for a plain workload.
    pub helm_release: Option<String>,
    /// Key of the Kustomization that applies it; `null` where none does.
    pub kustomization: Option<Key>,
    /// What it is; `null` where nobody says.
    pub description: Option<String>,
    /// Key of the image group of its first container; `null` where none decides it.
    pub image_group: Option<Key>,
    /// Kind and name of the workload; `null` for a HelmRelease whose chart was not rendered.
    pub workload: Option<Workload>,
    /// Replicas, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i64>,
    /// Present and true where its Kustomization or HelmRelease is suspended.
    #[serde(skip_serializing_if = "is_false")]
    pub suspend: bool,
    /// Keys of all its image groups in container order, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image_groups: Vec<Key>,
    /// Rendered image references of all its containers, in order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// What it tells Flux by annotations: `reconcile: disabled`, `ssa: IfNotPresent`, `prune: disabled` and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tells_flux: Vec<String>,
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
    pub container_ports: Vec<Port>,
    /// `name.namespace.svc.cluster.local` of the Kubernetes Services that select it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Hosts of the Ingresses and routes that lead to it, and those that the values of its chart publish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// The Ingresses and routes behind these hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The ports of the Kubernetes Services that select it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_ports: Vec<ServicePort>,
    /// The Kubernetes Services among these that are load balancers, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_balancers: Vec<LoadBalancer>,
    /// Its containers, init containers first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<Container>,
    /// The environment variables that its containers state, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVariable>,
    /// `spec.schedule` of a CronJob.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// `spec.timeZone` of a CronJob.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// `spec.concurrencyPolicy` of a CronJob, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency_policy: Option<String>,
    /// Present and true for a CronJob that makes no Jobs: `spec.suspend`.
    #[serde(skip_serializing_if = "is_false")]
    pub schedule_suspended: bool,
    /// What changes the number of its pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autoscaler: Option<Autoscaler>,
    /// What Reloader restarts its pods for when it changes, as `ConfigMap/<name>` or `Secret/<name>`, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reloads: Vec<String>,
    /// How many of its pods may be missing at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disruption_budget: Option<DisruptionBudget>,
    /// The PersistentVolumeClaims of its pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_claims: Vec<VolumeClaim>,
    /// Its pods' volumes of the node and of other machines, without a claim.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<PodVolume>,
    /// On which nodes its pods may run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeRule>,
    /// What it talks to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Dependency>,
    /// What happens when it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_impact: Option<String>,
    /// Keys into `configMaps` of `configmaps.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config_maps: Vec<Key>,
    /// Keys into `references` of `secrets-map.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Key>,
    /// Keys into `secretProviderClasses` of `secrets-map.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_provider_classes: Vec<Key>,
    /// `serviceAccountName` of its pods, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Keys of further Kustomizations that apply the same object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_applied_by: Vec<Key>,
    /// `FluxInstance/<namespace>/<name>` that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_by: Option<ObjectRef>,
    /// Where a person edits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// The first line of each patch or overlay that decides fields of it in this cluster, beside the file of `source`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Place>,
    /// How many clusters of the repository apply the file of `source`, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
}

impl Entry for Service {
    fn complete(&mut self, key: &str) {
        complete_name(&mut self.name, key);
        if self.image_groups.is_empty() {
            self.image_groups.extend(self.image_group.clone());
        }
        if let Some(workload) = &mut self.workload
            && workload.api_version.is_empty()
        {
            usual_api_version(&workload.kind).clone_into(&mut workload.api_version);
        }
    }

    fn abridge(&mut self, key: &str) {
        abridge_name(&mut self.name, key);
        if self.image_groups.iter().eq(&self.image_group) {
            self.image_groups.clear();
        }
        if let Some(workload) = &mut self.workload
            && workload.api_version == usual_api_version(&workload.kind)
        {
            workload.api_version.clear();
        }
    }
}

/// The usual `apiVersion` of a kind of workload.
fn usual_api_version(kind: &str) -> &'static str {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => "apps/v1",
        "CronJob" | "Job" => "batch/v1",
        "Pod" => "v1",
        "Rollout" => "argoproj.io/v1alpha1",
        "Service" => "serving.knative.dev/v1",
        _ => "",
    }
}

/// Kind and name of a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "WorkloadEntry")]
pub struct Workload {
    /// Kind, such as `StatefulSet`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// `apiVersion`, where it is not the usual one of the kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub api_version: String,
}

/// A port of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ContainerPort")]
pub struct Port {
    /// The container.
    pub container: String,
    /// Number.
    pub port: i64,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Protocol, where it is not TCP.
    #[serde(default = "tcp", skip_serializing_if = "is_tcp")]
    #[schemars(with = "Option<String>")]
    pub protocol: String,
}

fn tcp() -> String {
    "TCP".to_owned()
}

/// One place in the repository that decides the tag of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ImageGroupEntry")]
pub struct ImageGroup {
    /// The file that has the last word.
    pub file: RepoPath,
    /// The image as it must be matched in that file.
    pub image_name: String,
    /// What kind of place it is.
    #[serde(rename = "type")]
    pub kind: ImageGroupKind,
    /// Keys of the services whose rendered image it decides, sorted.
    pub services: Vec<Key>,
    /// A yq v4 expression that selects exactly the scalar holding the tag, or the whole image string; for `helm-default` the
    /// path at which the tag is to be added. Absent where the tag is part of a longer text, such as an inline patch or a
    /// ConfigMap's `values.yaml`: yq would replace the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yq_path: Option<String>,
    /// JSON pointer to the same place in its document.
    pub pointer: String,
    /// Index of the YAML document in the file, from 0.
    pub document: usize,
    /// Present tag or digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The scalar's text with `{tag}` in the place of the tag, where it holds more than the tag: the value of a variable, the default
    /// in `${NAME:=…}`, or a literal `NAME=…` of a generator. Without `{tag}` several variables make the tag, and one of them is to be
    /// changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Where the scalar is a text of several lines, such as an inline patch: the one of its lines that holds the tag, with `{tag}` in
    /// the place of the tag. Only that line is to be changed. Empty where several lines hold one, or no line as it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Marker of Flux' image automation beside the scalar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_policy: Option<String>,
    /// File and line of the scalar; for `helm-default` of the HelmRelease.
    pub source: Place,
}

/// What kind of place decides an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ImageGroupType")]
pub enum ImageGroupKind {
    /// `images` of a kustomization file.
    #[default]
    KustomizeImages,
    /// `spec.images` of a Flux Kustomization.
    FluxImages,
    /// Values of a HelmRelease.
    HelmValues,
    /// A default of a chart: the values of the HelmRelease do not have the path yet.
    HelmDefault,
    /// The literal in the workload's manifest.
    Manifest,
    /// The value of a variable that Flux substitutes.
    Variable,
}

impl ImageGroupKind {
    /// The word that `services.json` uses for `type`.
    pub fn as_str(self) -> &'static str {
        match self {
            ImageGroupKind::KustomizeImages => "kustomize-images",
            ImageGroupKind::FluxImages => "flux-images",
            ImageGroupKind::HelmValues => "helm-values",
            ImageGroupKind::HelmDefault => "helm-default",
            ImageGroupKind::Manifest => "manifest",
            ImageGroupKind::Variable => "variable",
        }
    }
}

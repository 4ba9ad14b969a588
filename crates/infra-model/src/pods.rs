//! The pods of a service: containers, environment, ports, routes, autoscalers, disruption budgets and volumes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Place;
use crate::skip::is_false;

/// A container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ContainerEntry")]
pub struct Container {
    /// Name; empty where the API server gives it one.
    pub name: String,
    /// Rendered image reference; empty where none is stated.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub image: String,
    /// Present and true for an init container.
    #[serde(skip_serializing_if = "is_false")]
    pub init: bool,
    /// `command`, in place of the image's own. Credentials are withheld and long texts cut.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// `args`, likewise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
}

/// An environment variable of a container: it has a value, or names where its value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "EnvVariableEntry")]
pub struct EnvVariable {
    /// Name.
    pub name: String,
    /// The container.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub container: String,
    /// Present and true for an init container.
    #[serde(skip_serializing_if = "is_false")]
    pub init: bool,
    /// The literal value as Flux applies it; `<redacted>` for a credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The literal value as written, where substitution changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// Name of the ConfigMap that holds the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map: Option<String>,
    /// Name of the Secret that holds the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The key of that ConfigMap or Secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// A field of the pod or container, such as `status.podIP` or `limits.memory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A port of a Kubernetes Service that selects the pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "ServicePortEntry")]
pub struct ServicePort {
    /// Name of the Service.
    pub service: String,
    /// The port.
    pub port: i64,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number or name of the container's port, where it is not the same number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port: Option<String>,
}

/// The addresses that a Kubernetes Service of type `LoadBalancer` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "LoadBalancerEntry")]
pub struct LoadBalancer {
    /// Name of the Service.
    pub service: String,
    /// Addresses that it states; where there are none, the cluster gives it one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

impl LoadBalancer {
    /// Annotations of Services that request addresses.
    pub const ADDRESS_ANNOTATIONS: &[&str] = &[
        "lbipam.cilium.io/ips",
        "io.cilium/lb-ipam-ips",
        "metallb.io/loadBalancerIPs",
        "metallb.universe.tf/loadBalancerIPs",
        "kube-vip.io/loadbalancerIPs",
        "purelb.io/addresses",
    ];
}

/// A host under which a service is reached, and the object that leads there; of a route of TCP or UDP no host.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "RouteEntry")]
pub struct Route {
    /// The host.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(with = "Option<String>")]
    pub host: String,
    /// Kind of the object, such as `Ingress` or `HTTPRoute`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The class of an Ingress; `Gateway` names of a route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// The requests that it leads there, such as `/api` or `GET /api header X-Env=dev`, of several rules each with its backend:
    /// `/api -> web-api:80`. Empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// The place of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// What changes the number of pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "AutoscalerEntry")]
pub struct Autoscaler {
    /// `HorizontalPodAutoscaler` or `ScaledObject`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Least replicas, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Most replicas, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

impl Autoscaler {
    /// The least and most replicas, such as `2 to 10`, with `?` for a number that is not stated.
    pub fn range(&self) -> String {
        let number = |number: Option<i64>| number.map_or("?".to_owned(), |number| number.to_string());
        format!("{} to {}", number(self.min), number(self.max))
    }
}

/// How many pods may be missing at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "DisruptionBudgetEntry")]
pub struct DisruptionBudget {
    /// Name of the PodDisruptionBudget.
    pub name: String,
    /// `minAvailable`, a number or a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_available: Option<String>,
    /// `maxUnavailable`, a number or a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<String>,
}

/// A PersistentVolumeClaim of the pods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "VolumeClaimEntry")]
pub struct VolumeClaim {
    /// Name of the claim, or of the template that makes one for each pod.
    pub name: String,
    /// Present and true for a template.
    #[serde(skip_serializing_if = "is_false")]
    pub template: bool,
    /// Where it is mounted, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_paths: Vec<String>,
    /// The size it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Its StorageClass, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

/// A volume of the pods that is data of the node or of another machine, without a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "PodVolumeEntry")]
pub struct PodVolume {
    /// What it is: `hostPath /srv`, `nfs nas.example.org:/media`.
    pub what: String,
    /// Where it is mounted, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mount_paths: Vec<String>,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

/// A rule by which the scheduler chooses nodes for the pods of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "NodeRuleEntry")]
pub struct NodeRule {
    /// `node` (a name, a selector, or a required affinity), `preferred`, `tolerates`, `apart` (from pods), `beside` (pods) or `spread`.
    pub how: String,
    /// In words, such as `kubernetes.io/hostname=s01` or `node-role.kubernetes.io/control-plane:NoSchedule`.
    pub text: String,
    /// Its path among the values of a HelmRelease whose chart was not rendered, such as `controllers.server.pod`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The line that states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
}

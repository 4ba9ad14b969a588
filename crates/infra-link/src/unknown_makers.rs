//! What may make objects in a cluster that a repository does not show: Kustomizations whose content is elsewhere, charts that
//! are not at hand, operators, and tools that deploy on their own.

use infra_model::codes;
use yaml_node::Node;

use crate::inventory::{Inventory, Object};
use crate::producers::Producers;

/// Groups whose objects lead to no Service, volume claim or issuer but those that are known.
const HARMLESS: &[&str] = &[
    "bitnami.com",
    "cert-manager.io",
    "cilium.io",
    "external-secrets.io",
    "generators.external-secrets.io",
    "keda.sh",
    "metallb.io",
    "minio.min.io",
    "networking.istio.io",
    "policy.linkerd.io",
    "postgresql.cnpg.io",
    "secrets.hashicorp.com",
    "security.istio.io",
    "serving.knative.dev",
    "traefik.containo.us",
    "traefik.io",
];

/// Kinds of other groups of which the same is true.
const HARMLESS_KINDS: &[(&str, &str)] = &[
    ("monitoring.coreos.com", "AlertmanagerConfig"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ScrapeConfig"),
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("volsync.backube", "ReplicationSource"),
];

/// Objects that have others made in any namespace.
const DEPLOYERS: &[(&str, &str)] = &[
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("fleet.cattle.io", "Bundle"),
    ("fleet.cattle.io", "GitRepo"),
    ("helm.cattle.io", "HelmChart"),
    ("infra.contrib.fluxcd.io", "Terraform"),
];

/// Whether all that makes objects in a namespace is known. The empty one is that of objects of the cluster.
pub(crate) fn are_none(inventory: &Inventory<'_>, producers: &Producers, namespace: &str) -> bool {
    let is_unresolved = |code: &str| code == codes::RESOURCE_SET_UNRESOLVED || code == codes::LIMIT_REACHED;
    inventory.is_complete()
        && !inventory.evaluation.is_remote
        && !producers.has_charts(namespace)
        && !inventory
            .evaluation
            .diagnostics
            .iter()
            .any(|finding| is_unresolved(&finding.code))
        && !inventory.objects.iter().any(|object| may_make(object, namespace))
}

fn may_make(object: &Object<'_>, namespace: &str) -> bool {
    let (group, kind) = (object.group, object.kind);
    if DEPLOYERS.contains(&(group, kind)) {
        return true;
    }
    let is_of_others = group.contains('.')
        && !group.ends_with(".k8s.io")
        && !group.ends_with("fluxcd.io")
        && group != OPERATOR;
    // What is of the whole cluster acts in every namespace.
    let acts_here = object.namespace == namespace || object.namespace.is_empty();
    if !is_of_others || !acts_here {
        return false;
    }
    if group == "kyverno.io" || group == "policies.kyverno.io" {
        return generates(object.node());
    }
    !HARMLESS.contains(&group) && !HARMLESS_KINDS.contains(&(group, kind)) && !is_workload(group)
}

/// API group of flux-operator.
const OPERATOR: &str = "fluxcd.controlplane.io";

fn is_workload(group: &str) -> bool {
    group == "argoproj.io" || group == "apps.kruise.io"
}

/// Whether a policy of Kyverno makes objects.
fn generates(policy: &Node) -> bool {
    let rules = policy.at(&["spec", "rules"]).map_or(&[][..], Node::items);
    policy
        .text_at(&["kind"])
        .is_some_and(|kind| kind.contains("Generat"))
        || rules.iter().any(|rule| rule.get("generate").is_some())
}

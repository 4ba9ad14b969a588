//! What may make objects in a cluster that a repository does not show: Kustomizations whose content is elsewhere, charts that
//! are not at hand, operators, and tools that deploy on their own.

use foldhash::{HashMap, HashSet};
use infra_model::codes;

use crate::inventory::{Inventory, Object};
use crate::kinds::kyverno_policy;
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

/// Where objects may come from that the repository does not show.
pub(crate) struct UnknownMakers<'a> {
    producers: &'a Producers,
    /// Whether any namespace may get them.
    anywhere: bool,
    namespaces: HashSet<&'a str>,
}

impl<'a> UnknownMakers<'a> {
    /// Of a cluster.
    pub(crate) fn new(inventory: &'a Inventory<'_>, producers: &'a Producers) -> Self {
        let is_unresolved =
            |code: &str| code == codes::RESOURCE_SET_UNRESOLVED || code == codes::LIMIT_REACHED;
        let mut findings = inventory.evaluation.diagnostics.iter();
        let makers = inventory.objects.iter().filter(|object| may_make(object));
        let namespaces: HashSet<&str> = makers
            // What is of the whole cluster acts in every namespace, which the empty one stands for.
            .map(|object| match DEPLOYERS.contains(&(object.group, object.kind)) {
                true => "",
                false => object.namespace,
            })
            .collect();
        UnknownMakers {
            producers,
            anywhere: !inventory.is_complete()
                || inventory.evaluation.is_remote
                || findings.any(|finding| is_unresolved(&finding.code))
                || namespaces.contains(""),
            namespaces,
        }
    }

    /// Whether all that makes objects of the whole cluster is known, but for charts that are not at hand.
    pub(crate) fn are_known(&self) -> bool {
        !self.anywhere
    }

    /// Whether all that makes objects in a namespace is known. The empty one is that of objects of the cluster.
    pub(crate) fn are_none(&self, namespace: &str) -> bool {
        !self.anywhere && !self.namespaces.contains(namespace) && !self.producers.has_charts(namespace)
    }
}

/// Objects of operators that are not known here, by namespace: what begins with the name of one may be made of it.
pub(crate) struct UnknownOperators<'a> {
    by_namespace: HashMap<&'a str, Vec<&'a Object<'a>>>,
}

impl<'a> UnknownOperators<'a> {
    /// Of a cluster.
    pub(crate) fn new(inventory: &'a Inventory<'a>) -> Self {
        let mut by_namespace: HashMap<&str, Vec<&Object<'_>>> = HashMap::default();
        for object in inventory.objects.iter().filter(|object| may_make(object)) {
            by_namespace.entry(object.namespace).or_default().push(object);
        }
        UnknownOperators { by_namespace }
    }

    /// The object that another one of this name may be made of.
    pub(crate) fn maker(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        let objects = self.by_namespace.get(namespace).into_iter().flatten();
        let is_named_after = |object: &&&Object<'_>| {
            let rest = name.strip_prefix(object.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        objects.copied().find(|object| is_named_after(&object))
    }
}

/// Whether an operator or a tool may make other objects of one.
fn may_make(object: &Object<'_>) -> bool {
    let (group, kind) = (object.group, object.kind);
    if DEPLOYERS.contains(&(group, kind)) {
        return true;
    }
    let is_of_others = group.contains('.')
        && !group.ends_with(".k8s.io")
        && !group.ends_with("fluxcd.io")
        && group != OPERATOR;
    if !is_of_others {
        return false;
    }
    if kyverno_policy::GROUPS.contains(&group) {
        return kyverno_policy::generates(object.node());
    }
    !HARMLESS.contains(&group) && !HARMLESS_KINDS.contains(&(group, kind)) && !is_workload(group)
}

/// API group of flux-operator.
const OPERATOR: &str = "fluxcd.controlplane.io";

fn is_workload(group: &str) -> bool {
    group == "argoproj.io" || group == "apps.kruise.io"
}

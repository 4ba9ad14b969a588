//! Possible makers of objects that a repository does not show: Kustomizations whose content is elsewhere, charts that were not
//! rendered, operators, and deployment tools.

use foldhash::{HashMap, HashSet};
use infra_model::codes;

use crate::inventory::{Inventory, OPERATOR, Object};
use crate::kinds::kyverno_policy;
use crate::producers::Producers;

/// Groups from whose objects operators make no unknown Service, volume claim or issuer.
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

/// Such kinds of other groups.
const HARMLESS_KINDS: &[(&str, &str)] = &[
    ("monitoring.coreos.com", "AlertmanagerConfig"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ScrapeConfig"),
    ("monitoring.coreos.com", "ServiceMonitor"),
    ("volsync.backube", "ReplicationSource"),
];

/// Objects from which tools make others in any namespace.
const DEPLOYERS: &[(&str, &str)] = &[
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("fleet.cattle.io", "Bundle"),
    ("fleet.cattle.io", "GitRepo"),
    ("helm.cattle.io", "HelmChart"),
    ("infra.contrib.fluxcd.io", "Terraform"),
];

/// The namespaces that may get objects which the repository does not show.
pub(crate) struct UnknownMakers<'a> {
    producers: &'a Producers,
    /// Whether any namespace may.
    anywhere: bool,
    namespaces: HashSet<&'a str>,
}

impl<'a> UnknownMakers<'a> {
    /// Finds the makers of a cluster.
    pub(crate) fn new(inventory: &'a Inventory<'_>, producers: &'a Producers) -> Self {
        let is_unresolved =
            |code: &str| code == codes::RESOURCE_SET_UNRESOLVED || code == codes::LIMIT_REACHED;
        let mut findings = inventory.evaluation.diagnostics.iter();
        let types = inventory.types();
        let makers = types
            .filter(|(group, kind)| is_possible_type(group, kind))
            .flat_map(|(group, kind)| inventory.of(group, kind))
            .filter(|object| is_possible_maker(object));
        let namespaces: HashSet<&str> = makers
            // The empty name means every namespace, in which cluster-scoped objects act.
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

    /// Whether all makers of cluster-scoped objects are known, except charts that were not rendered.
    pub(crate) fn are_known(&self) -> bool {
        !self.anywhere
    }

    /// Whether all makers of objects in a namespace are known. The empty one is that of cluster-scoped objects.
    pub(crate) fn are_none(&self, namespace: &str) -> bool {
        !self.anywhere && !self.namespaces.contains(namespace) && !self.producers.has_charts(namespace)
    }
}

/// Resources of unknown operators, by namespace: an object whose name begins with that of one may be made of it.
pub(crate) struct UnknownOperators<'a> {
    by_namespace: HashMap<&'a str, Vec<&'a Object<'a>>>,
}

impl<'a> UnknownOperators<'a> {
    /// Collects the resources of a cluster.
    pub(crate) fn new(inventory: &'a Inventory<'a>) -> Self {
        let mut by_namespace: HashMap<&str, Vec<&Object<'_>>> = HashMap::default();
        for object in inventory
            .objects
            .iter()
            .filter(|object| is_possible_maker(object))
        {
            by_namespace.entry(object.namespace).or_default().push(object);
        }
        UnknownOperators { by_namespace }
    }

    /// The resource of which an object of this name may be made.
    pub(crate) fn maker(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        let mut objects = self.by_namespace.get(namespace)?.iter().copied();
        objects.find(|object| {
            let rest = name.strip_prefix(object.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }
}

/// Whether an operator or a tool may make other objects of one.
fn is_possible_maker(object: &Object<'_>) -> bool {
    is_possible_type(object.group, object.kind)
        && (!kyverno_policy::GROUPS.contains(&object.group) || kyverno_policy::is_generating(object.node()))
}

/// Whether an operator or a tool may make other objects of one of this type; a policy has to generate some.
fn is_possible_type(group: &str, kind: &str) -> bool {
    if DEPLOYERS.contains(&(group, kind)) || kyverno_policy::GROUPS.contains(&group) {
        return true;
    }
    let is_known = !group.contains('.')
        || group.ends_with(".k8s.io")
        || group.ends_with("fluxcd.io")
        || group == OPERATOR;
    if is_known {
        return false;
    }
    // Groups of workloads.
    let is_workload = matches!(group, "argoproj.io" | "apps.kruise.io");
    !HARMLESS.contains(&group) && !HARMLESS_KINDS.contains(&(group, kind)) && !is_workload
}

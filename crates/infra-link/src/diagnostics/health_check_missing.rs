//! `health-check-missing`: a Kustomization waits for the health of an object that nothing applies.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let applied_names = OnceCell::new();
    // Checks of a Kustomization that applies elsewhere are made there; `wait` has them ignored.
    for owner in inventory.owners.iter().filter(|owner| !owner.remote) {
        let evaluated = owner.evaluated;
        let (Some(id), Some(applied), Some(view)) =
            (&evaluated.id, &evaluated.object, &evaluated.kustomization)
        else {
            continue;
        };
        if view.wait || view.suspend {
            continue;
        }
        let node = &applied.node;
        let known = applied.rendered.as_ref().unwrap_or(node);
        let checks = |object: &'_ Node| -> Vec<Node> {
            object
                .at(&["spec", "healthChecks"])
                .map_or(Vec::new(), |checks| checks.items().to_vec())
        };
        for (check, known) in checks(node).iter().zip(checks(known)) {
            let text = |field: &str| check.text_at(&[field]).unwrap_or_default();
            let (kind, name) = (text("kind"), text("name"));
            let namespace = match text("namespace") {
                "" => id.namespace.as_str(),
                namespace => namespace,
            };
            // As of old, an entry without a version is of the kinds of workloads
            // (<https://github.com/fluxcd/kustomize-controller/blob/main/internal/inventory/inventory.go>).
            let group = match text("apiVersion") {
                "" => "apps",
                version => version.split_once('/').map_or("", |(group, _)| group),
            };
            if kind.is_empty() || name.is_empty() {
                continue;
            }
            let is_variable = |field: &str| text(field).contains("${");
            let is_literal = |field: &str| known.text_at(&[field]).is_some_and(|text| text.contains("${"));
            let variables = ["name", "namespace"]
                .into_iter()
                .filter(|field| is_variable(field));
            // What is not known may be the name of something. A variable that is left as it is written is no name at all.
            if variables.clone().any(|field| !is_literal(field)) {
                continue;
            }
            let is_never_replaced = variables.count() > 0;
            let object = match kind {
                "CustomResourceDefinition" | "Namespace" | "ClusterIssuer" => format!("{kind}/{name}"),
                _ => format!("{kind}/{namespace}/{name}"),
            };
            let is_there = |namespace: &str| inventory.find(group, kind, namespace, name).is_some();
            if is_there(namespace) || is_there("") || is_of_every_cluster(kind, namespace, name) {
                continue;
            }
            let version = text("apiVersion");
            let of_name = || by_kind_and_name(inventory);
            let of_name = applied_names.get_or_init(of_name).get(&(kind, name));
            let of_other_group = of_name
                .into_iter()
                .flatten()
                .find(|object| object.namespace == namespace || object.namespace.is_empty())
                .filter(|object| is_known_group(group) && is_known_group(object.group));
            let other_version = of_other_group.and_then(|object| object.node().text_at(&["apiVersion"]));
            // Controllers make objects of other kinds, and charts that were not rendered any.
            let is_of_flux = [KUSTOMIZE, HELM, SOURCE].contains(&group);
            let is_sure = is_never_replaced
                || inventory.is_complete()
                    && (is_of_flux
                        || other_version.is_some()
                        || (is_workload(kind)
                            && !is_of_kubernetes(namespace)
                            && !may_be_made(linker, namespace)));
            let severity = if is_sure {
                Severity::Warning
            } else {
                Severity::Info
            };
            let other = inventory
                .of(group, kind)
                .find(|object| object.name == name)
                .map(|object| object.namespace);
            let hint = match other {
                _ if is_never_replaced => {
                    "`spec.postBuild` of a Kustomization does not reach its own `spec`: define the variable in the Kustomization that \
                     applies it, or write the name out"
                        .to_owned()
                }
                _ if let Some(other_version) = other_version => match version {
                    "" => format!("state its `apiVersion: {other_version}`"),
                    _ => format!("it is of {other_version}: correct `apiVersion`"),
                },
                Some(other) => {
                    format!("there is one of this name in the namespace {other}: correct `namespace`")
                }
                None => "correct the entry, or remove it; `wait: true` checks all that is applied".to_owned(),
            };
            let object = match (other_version, version) {
                (None, _) => object,
                (Some(_), "") => format!("{object} without an API version"),
                (Some(_), version) => format!("{object} of {version}"),
            };
            let message = match is_sure {
                true => format!(
                    "Kustomization {id} checks the health of {object}, which nothing applies: it never becomes ready, nor does what depends on it"
                ),
                false => format!(
                    "Kustomization {id} checks the health of {object}, which nothing that is known applies"
                ),
            };
            findings.push(
                Diagnostic::new(severity, codes::HEALTH_CHECK_MISSING, message)
                    .at(inventory.place(check.get("name").map_or(check.mark, |name| name.mark)))
                    .on(format!("Kustomization/{id}"))
                    .hint(hint),
            );
        }
    }
    findings
}

/// Whether a kind of a group is of no other: Kubernetes' own and Flux's. A `Service` of Knative makes one of Kubernetes.
fn is_known_group(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io") || group.ends_with(".fluxcd.io")
}

/// The objects of one kind and name, whatever their API group.
fn by_kind_and_name<'i>(inventory: &'i Inventory<'_>) -> BTreeMap<(&'i str, &'i str), Vec<&'i Object<'i>>> {
    let mut found: BTreeMap<(&str, &str), Vec<&Object<'_>>> = BTreeMap::new();
    for object in &inventory.objects {
        found.entry((object.kind, object.name)).or_default().push(object);
    }
    found
}

/// Whether each cluster, or the tool that installs it, has an object of this name: kubeadm and its like, and most
/// distributions after them.
fn is_of_every_cluster(kind: &str, namespace: &str, name: &str) -> bool {
    matches!(
        (kind, namespace, name),
        ("Deployment", "kube-system", "coredns")
            | ("DaemonSet", "kube-system", "kube-proxy")
            | ("Service", "kube-system", "kube-dns")
            | ("Service", "default", "kubernetes")
    )
}

/// Whether Kubernetes or its distribution keeps objects of its own in a namespace
/// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces>).
fn is_of_kubernetes(namespace: &str) -> bool {
    namespace.starts_with("kube-") || namespace.starts_with("openshift")
}

fn is_workload(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "Service"
    )
}

/// Whether a chart that was not rendered, or an object of another API, may make workloads in a namespace.
fn may_be_made(linker: &Linker<'_>, namespace: &str) -> bool {
    let is_foreign =
        |group: &str| group.contains('.') && !group.ends_with(".k8s.io") && !group.ends_with(".fluxcd.io");
    linker.producers.has_charts(namespace)
        || linker.inventory.objects.iter().any(|object| {
            is_foreign(object.group) && (object.namespace == namespace || object.namespace.is_empty())
        })
}

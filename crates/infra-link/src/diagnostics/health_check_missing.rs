//! `health-check-missing`: a Kustomization waits for the health of an object that nothing applies.

use std::cell::OnceCell;

use foldhash::HashMap;
use infra_model::codes;
use source_tree::{Diagnostic, Severity};
use yaml_node::Node;

use super::if_sure;
use crate::inventory::{HELM, Inventory, KUSTOMIZE, Object, SOURCE};
use crate::linker::Linker;

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    let applied_names = OnceCell::new();
    // A Kustomization that applies to another cluster checks objects there; with `wait`, Flux ignores the list.
    let owners = inventory.owners.iter().enumerate();
    for (position, owner) in owners.filter(|(_, owner)| !owner.remote) {
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
        for (check, known) in checks(node).iter().zip(checks(known)) {
            let text = |field: &str| check.text_at(&[field]).unwrap_or_default();
            let (kind, name) = (text("kind"), text("name"));
            let namespace = match text("namespace") {
                "" => id.namespace.as_str(),
                namespace => namespace,
            };
            // As in old versions of Flux, an entry without a version means a workload
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
            // A variable whose value is unknown may be the name of something. One that stays in the text is not.
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
            let by_name = applied_names.get_or_init(|| by_kind_and_name(inventory));
            let mut of_name = by_name.get(&(kind, name)).into_iter().flatten();
            let of_other_group = of_name
                .find(|object| object.namespace == namespace || object.namespace.is_empty())
                .filter(|object| is_known_group(group) && is_known_group(object.group));
            let other_version = of_other_group.and_then(|object| object.node().text_at(&["apiVersion"]));
            // Controllers make objects of other kinds, and charts that were not rendered may make any.
            let is_of_flux = [KUSTOMIZE, HELM, SOURCE].contains(&group);
            let is_sure = is_never_replaced
                || inventory.is_complete()
                    && (is_of_flux
                        || other_version.is_some()
                        || (is_workload(kind)
                            && !is_of_kubernetes(namespace)
                            && !may_be_made(linker, namespace)));
            let charts = match is_of_flux || is_sure {
                true => None,
                false => charts_that_may_make(linker, position, namespace),
            };
            let mut of_kind = inventory.of(group, kind);
            let hint = match of_kind.find(|object| object.name == name) {
                _ if is_never_replaced => {
                    "`spec.postBuild` of a Kustomization does not reach its own `spec`: define the variable in the Kustomization that \
                     applies it, or write the name out"
                        .to_owned()
                }
                _ if let Some(other_version) = other_version => match version {
                    "" => format!("state its `apiVersion: {other_version}`"),
                    _ => format!("it is of {other_version}: correct `apiVersion`"),
                },
                Some(other) => format!(
                    "there is one of this name in the namespace {}: correct `namespace`",
                    other.namespace
                ),
                None if charts.is_some() => {
                    "`flux-infra-guide fetch` gets a chart that is elsewhere; correct the entry if the chart makes no such object".to_owned()
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
                false => {
                    let charts = charts.map(|charts| format!("; {charts}, may"));
                    format!(
                        "Kustomization {id} checks the health of {object}, which nothing that is known applies{}",
                        charts.unwrap_or_default()
                    )
                }
            };
            findings.push(
                Diagnostic::new(
                    if_sure(is_sure, Severity::Warning),
                    codes::HEALTH_CHECK_MISSING,
                    message,
                )
                .at(inventory.place(check.get("name").map_or(check.mark, |name| name.mark)))
                .on(format!("Kustomization/{id}"))
                .hint(hint),
            );
        }
    }
    findings
}

/// The entries of `spec.healthChecks`.
fn checks(kustomization: &Node) -> &[Node] {
    let checks = kustomization.at(&["spec", "healthChecks"]);
    checks.map_or(&[], Node::items)
}

/// Whether a group is one of Kubernetes or Flux, which share no kind. Others do: Knative has a `Service`, too.
fn is_known_group(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io") || group.ends_with(".fluxcd.io")
}

/// The objects of one kind and name, whatever their API group.
fn by_kind_and_name<'i>(inventory: &'i Inventory<'_>) -> HashMap<(&'i str, &'i str), Vec<&'i Object<'i>>> {
    let mut found: HashMap<(&str, &str), Vec<&Object<'_>>> = HashMap::default();
    for object in &inventory.objects {
        found.entry((object.kind, object.name)).or_default().push(object);
    }
    found
}

/// Whether every cluster has this object, by Kubernetes itself or by the tool that installs it, such as kubeadm.
fn is_of_every_cluster(kind: &str, namespace: &str, name: &str) -> bool {
    matches!(
        (kind, namespace, name),
        ("Deployment", "kube-system", "coredns")
            | ("DaemonSet", "kube-system", "kube-proxy")
            | ("Service", "kube-system", "kube-dns")
            | ("Service", "default", "kubernetes")
    )
}

/// Whether a namespace belongs to Kubernetes or its distribution
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

/// The charts of a Kustomization's HelmReleases that were not rendered: those of releases in a namespace, else any, which may make
/// objects of the cluster and in other namespaces.
fn charts_that_may_make(linker: &Linker<'_>, owner: usize, namespace: &str) -> Option<String> {
    let releases = linker.releases.iter();
    let own = releases.filter(|release| {
        release.rendered().is_none()
            && release.spec.kube_config.is_none()
            && (release.object.owner == owner || release.object.also.contains(&owner))
    });
    let (near, far): (Vec<_>, Vec<_>) = own.partition(|release| release.namespace == namespace);
    let releases = if near.is_empty() { far } else { near };
    let first = releases.first()?.object.object_name();
    Some(match releases.len() {
        1 => format!("the chart of {first}, which is not rendered"),
        count => format!(
            "the charts of {first} and {} more, which are not rendered",
            count - 1
        ),
    })
}

/// Whether a chart that was not rendered, or an object of another API, may make workloads in a namespace.
fn may_be_made(linker: &Linker<'_>, namespace: &str) -> bool {
    linker.producers.has_charts(namespace)
        || linker.inventory.objects.iter().any(|object| {
            !is_known_group(object.group) && (object.namespace == namespace || object.namespace.is_empty())
        })
}

//! `reference-missing` of routes: an Ingress, an HTTPRoute or another route leads to a Service, or to a port of one, that nothing
//! makes.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use infra_model::codes;
use source_tree::{Diagnostic, Mark};
use yaml_node::Node;

use crate::inventory::Object;
use crate::linker::Linker;
use crate::pod_spec::is_workload;
use crate::producers::elsewhere;
use crate::unknown_makers::UnknownMakers;
use crate::view::View;

use super::route_backends::{Backend, TRAEFIK, backends};
use super::{place_or_source, source_in_parentheses};

/// Namespaces in which Kubernetes, or whatever installs it, makes Services.
const OF_KUBERNETES: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// Services of Flux, and that of the API server.
const WELL_KNOWN: &[&str] = &[
    "kubernetes",
    "notification-controller",
    "source-controller",
    "webhook-receiver",
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let cluster = Cluster::new(linker);
    let mut findings = Vec::new();
    for object in inventory.objects.iter().filter(|object| !object.is_of_chart()) {
        let mut seen = BTreeSet::new();
        for backend in backends(inventory, object) {
            let Some((message, mark, hint)) = missing(linker, &cluster, object, &backend) else {
                continue;
            };
            if !seen.insert(message.clone()) {
                continue;
            }
            let id = object.object_name();
            findings.push(
                Diagnostic::warning(codes::REFERENCE_MISSING, format!("{id} leads to {message}"))
                    .at(place_or_source(inventory, object, mark))
                    .on(id.to_string())
                    .hint(hint),
            );
        }
    }
    findings
}

/// The end of the message about a backend that is missing, where it is stated, and the hint.
fn missing(
    linker: &Linker<'_>,
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    backend: &Backend<'_>,
) -> Option<(String, Mark, String)> {
    let namespace = backend.namespace;
    let name = backend.name;
    if name.contains("${") || namespace.contains("${") || OF_KUBERNETES.contains(&namespace) {
        return None;
    }
    // `use-annotation` names an action of a load balancer's controller, not a Service.
    let port_text = backend.port.and_then(View::text);
    if WELL_KNOWN.contains(&name) || port_text == Some("use-annotation") {
        return None;
    }
    if backend.is_traefik_service {
        return missing_traefik_service(linker, cluster, backend, name);
    }
    let service = format!("Service/{namespace}/{name}");
    if let Some(stated) = linker.inventory.find("", "Service", namespace, name) {
        let port = backend.port?;
        let ports = other_ports(stated.node(), port.node)?;
        let place = source_in_parentheses(linker.inventory, stated);
        return Some((
            format!("the port {} of {service}, which has no such port", port.text()?),
            port.mark(),
            format!("it has {ports}{place}: correct the port"),
        ));
    }
    let is_known = linker.kube_services.backend(namespace, name).is_some()
        || is_embedded(linker, namespace, name)
        || elsewhere(linker.knowledge, "Service", namespace, name)
        || may_be_of_gateway(linker, namespace, name)
        || !cluster.makers.are_none(namespace);
    if is_known {
        return None;
    }
    let other = cluster
        .services
        .get(name)
        .filter(|_| namespace == object.namespace);
    if other.is_none() && !cluster.ours.contains(namespace) {
        return None;
    }
    let hint = match other {
        Some(other) => format!(
            "there is one of this name in the namespace {other}: a route reaches only Services of its own namespace"
        ),
        None => "correct the name, or add the Service".to_owned(),
    };
    Some((
        format!("{service}, which nothing makes"),
        backend.stated.mark(),
        hint,
    ))
}

/// As [`missing`], of a TraefikService, to which only Traefik's own objects lead. A name with `@` belongs to another provider.
fn missing_traefik_service(
    linker: &Linker<'_>,
    cluster: &Cluster<'_>,
    backend: &Backend<'_>,
    name: &str,
) -> Option<(String, Mark, String)> {
    let (kind, namespace) = ("TraefikService", backend.namespace);
    let is_stated = |group: &&str| linker.inventory.find(group, kind, namespace, name).is_some();
    let is_known = name.contains('@')
        || TRAEFIK.iter().any(is_stated)
        || elsewhere(linker.knowledge, kind, namespace, name)
        || !cluster.makers.are_none(namespace)
        || !cluster.ours.contains(namespace);
    (!is_known).then(|| {
        (
            format!("{kind}/{namespace}/{name}, which nothing makes"),
            backend.stated.mark(),
            format!("correct the name, or add the {kind}"),
        )
    })
}

/// Whether the controller of a Gateway may have made a Service, which it names after the Gateway.
fn may_be_of_gateway(linker: &Linker<'_>, namespace: &str, name: &str) -> bool {
    let mut gateways = linker.inventory.of("gateway.networking.k8s.io", "Gateway");
    gateways.any(|gateway| gateway.namespace == namespace && name.contains(gateway.name))
}

/// The ports of a Service in words, if a route's port is not among them.
fn other_ports(service: &Node, wanted: &Node) -> Option<String> {
    // An ExternalName need not state ports, and a variable may be any port.
    let spec = service.get("spec")?;
    let ports = spec.get("ports")?.items();
    let text = wanted.text()?;
    let is_unknown = |node: &Node| node.text().is_some_and(|text| text.contains("${"));
    if spec.text_at(&["type"]) == Some("ExternalName") || ports.is_empty() || is_unknown(wanted) {
        return None;
    }
    let mut named = Vec::new();
    for port in ports {
        let (number, name) = (port.get("port")?, port.text_at(&["name"]));
        let is_match = number.text() == Some(text) || name == Some(text);
        if is_match || is_unknown(number) || name.is_some_and(|name| name.contains("${")) {
            return None;
        }
        named.push(match name {
            Some(name) => format!("{} ({name})", number.text()?),
            None => number.text()?.to_owned(),
        });
    }
    Some(named.join(", "))
}

/// Facts about the cluster that each backend is checked against.
struct Cluster<'a> {
    makers: &'a UnknownMakers<'a>,
    /// Namespaces in which the repository runs something. Others may run in the rest.
    ours: HashSet<&'a str>,
    /// A namespace for each name of a Service.
    services: HashMap<&'a str, &'a str>,
}

impl<'a> Cluster<'a> {
    fn new(linker: &'a Linker<'_>) -> Self {
        let inventory = linker.inventory;
        let is_service = |object: &Object<'_>| object.group.is_empty() && object.kind == "Service";
        let running = inventory
            .objects
            .iter()
            .filter(|object| is_workload(object) || is_service(object));
        Cluster {
            makers: linker.unknown_makers,
            ours: running.map(|object| object.namespace).collect(),
            services: inventory
                .of("", "Service")
                .map(|object| (object.name, object.namespace))
                .collect(),
        }
    }
}

fn is_embedded(linker: &Linker<'_>, namespace: &str, name: &str) -> bool {
    let mut all = linker.embedded.all.iter();
    all.any(|object| object.kind == "Service" && object.namespace == namespace && object.name == name)
}

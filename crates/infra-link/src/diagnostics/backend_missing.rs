//! `reference-missing` of routes: an Ingress, an HTTPRoute or its like leads to a Service, or to a port of one, that nothing
//! makes.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use infra_model::codes;
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use crate::inventory::Object;
use crate::linker::Linker;
use crate::pod_spec::is_workload;
use crate::producers::elsewhere;
use crate::unknown_makers::UnknownMakers;
use crate::view::View;

use super::route_backends::{Backend, TRAEFIK, backends};

/// Namespaces in which Kubernetes, or who installs it, makes Services.
const OF_KUBERNETES: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// Services that Flux brings, and the one of the API server.
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
        let backends = backends(inventory, object);
        let mut seen = BTreeSet::new();
        for backend in backends {
            let Some((message, mark, hint)) = missing(linker, &cluster, object, &backend) else {
                continue;
            };
            if !seen.insert(message.clone()) {
                continue;
            }
            let id = object.object_name();
            let place = Some(mark).filter(|mark| mark.is_some());
            let place = place.and_then(|mark| inventory.place(mark));
            findings.push(
                Diagnostic::new(
                    Severity::Warning,
                    codes::REFERENCE_MISSING,
                    format!("{id} leads to {message}"),
                )
                .at(place.or_else(|| inventory.source(object)))
                .on(id.to_string())
                .hint(hint),
            );
        }
    }
    findings
}

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
    // Such ones are actions of the controller of a load balancer.
    let port_text = backend.port.and_then(View::text);
    if WELL_KNOWN.contains(&name) || port_text == Some("use-annotation") {
        return None;
    }
    if backend.is_traefik_service {
        return missing_traefik_service(linker, cluster, backend, name);
    }
    let service = format!("Service/{namespace}/{name}");
    let stated = linker.inventory.find("", "Service", namespace, name);
    if let Some(stated) = stated {
        let (mark, port) = (backend.port?.mark(), backend.port?);
        let lacks = lacks_port(stated.node(), port.node)?;
        let place = linker.inventory.source(stated);
        let place = place.map_or(String::new(), |place| format!(" ({place})"));
        return Some((
            format!("the port {} of {service}, which has no such port", port.text()?),
            mark,
            format!("it has {lacks}{place}: correct the port"),
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
            "there is one of this name in the namespace {other}: a route leads to Services of its own"
        ),
        None => "correct the name, or add the Service".to_owned(),
    };
    Some((
        format!("{service}, which nothing makes"),
        backend.stated.mark(),
        hint,
    ))
}

/// A TraefikService, which only Traefik's own objects lead to. A name with `@` is one of another provider.
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

/// Whether the controller of a Gateway may have made a Service: it names it after the Gateway.
fn may_be_of_gateway(linker: &Linker<'_>, namespace: &str, name: &str) -> bool {
    let mut gateways = linker.inventory.of("gateway.networking.k8s.io", "Gateway");
    gateways.any(|gateway| gateway.namespace == namespace && name.contains(gateway.name))
}

/// The ports of a Service in words, where a port of a route is none of them.
fn lacks_port(service: &Node, wanted: &Node) -> Option<String> {
    // One that stands for a name elsewhere need not state any, and one with a variable may have any.
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
        if is_unknown(number) || name.is_some_and(|name| name.contains("${")) {
            return None;
        }
        if number.text() == Some(text) || name == Some(text) {
            return None;
        }
        named.push(match name {
            Some(name) => format!("{} ({name})", number.text()?),
            None => number.text()?.to_owned(),
        });
    }
    Some(named.join(", "))
}

/// What is looked up for each backend.
struct Cluster<'a> {
    makers: UnknownMakers<'a>,
    /// Namespaces in which the repository runs anything: elsewhere others may.
    ours: HashSet<&'a str>,
    /// A namespace of each name of a Service.
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
            makers: UnknownMakers::new(inventory, linker.producers),
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
    all.any(|one| one.kind == "Service" && one.namespace == namespace && one.name == name)
}

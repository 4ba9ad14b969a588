//! Backends of routes: of an Ingress, and of routes of the Gateway API, Traefik and Istio.

use crate::inventory::{Inventory, Object};
use crate::view::View;

const GATEWAY_API: &str = "gateway.networking.k8s.io";
const ISTIO: &str = "networking.istio.io";

/// API groups of Traefik.
pub(super) const TRAEFIK: [&str; 2] = ["traefik.io", "traefik.containo.us"];

/// One backend of a route.
pub(super) struct Backend<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// Its name in the route.
    pub(super) stated: View<'a>,
    pub(super) port: Option<View<'a>>,
    /// Whether it is a TraefikService, which has backends of its own, and not a Service.
    pub(super) is_traefik_service: bool,
}

/// The backends of an object; none if it is not a route.
pub(super) fn backends<'a>(inventory: &Inventory<'a>, object: &Object<'a>) -> Vec<Backend<'a>> {
    let view = inventory.view(object);
    let references: Vec<View<'a>> = match (object.group, object.kind) {
        ("networking.k8s.io" | "extensions", "Ingress") => return ingress(object, view),
        (ISTIO, "VirtualService") => return virtual_service(inventory, object, view),
        (GATEWAY_API, "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute") => {
            let is_service = |reference: &View<'_>| {
                reference.text_of("kind").is_none_or(|kind| kind == "Service")
                    && reference.text_of("group").is_none_or(|group| group == "core")
            };
            let rules = view.items_at(&["spec", "rules"]);
            let references = rules.flat_map(|rule| rule.items_at(&["backendRefs"]));
            references.filter(is_service).collect()
        }
        (group, "IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP") if TRAEFIK.contains(&group) => {
            let routes = view.items_at(&["spec", "routes"]);
            routes.flat_map(|route| route.items_at(&["services"])).collect()
        }
        (group, "TraefikService") if TRAEFIK.contains(&group) => {
            let weighted = view.items_at(&["spec", "weighted", "services"]);
            let mirrors = view.items_at(&["spec", "mirroring", "mirrors"]);
            weighted
                .chain(mirrors)
                .chain(view.at(&["spec", "mirroring"]))
                .collect()
        }
        _ => return Vec::new(),
    };
    let references = references.into_iter();
    references
        .filter_map(|reference| backend(object, reference))
        .collect()
}

/// The backend that a reference names: a Service or a TraefikService.
fn backend<'a>(object: &Object<'a>, reference: View<'a>) -> Option<Backend<'a>> {
    let kind = reference.text_of("kind").unwrap_or("Service");
    let is_traefik_service = kind == "TraefikService";
    (is_traefik_service || kind == "Service").then_some(Backend {
        namespace: reference.text_of("namespace").unwrap_or(object.namespace),
        name: reference.text_of("name")?,
        stated: reference.get("name")?,
        port: reference.get("port"),
        is_traefik_service,
    })
}

fn ingress<'a>(object: &Object<'a>, view: View<'a>) -> Vec<Backend<'a>> {
    let rules = view.items_at(&["spec", "rules"]);
    let paths = rules.flat_map(|rule| rule.items_at(&["http", "paths"]));
    let backends = paths.filter_map(|path| path.get("backend"));
    let default = ["defaultBackend", "backend"];
    let default = default.into_iter().filter_map(|field| view.at(&["spec", field]));
    backends
        .chain(default)
        .filter_map(|backend| {
            let (name, port) = match backend.get("service") {
                Some(service) => {
                    let port = service.get("port");
                    let port = port.and_then(|port| port.get("number").or_else(|| port.get("name")));
                    (service.get("name")?, port)
                }
                None => (backend.get("serviceName")?, backend.get("servicePort")),
            };
            Some(Backend {
                namespace: object.namespace,
                name: name.text()?,
                stated: name,
                port,
                is_traefik_service: false,
            })
        })
        .collect()
}

/// Destinations that name a Service by itself or by its name in the DNS of the cluster; other names with dots are hosts
/// (<https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination>).
fn virtual_service<'a>(inventory: &Inventory<'a>, object: &Object<'a>, view: View<'a>) -> Vec<Backend<'a>> {
    let protocols = ["http", "tls", "tcp"].into_iter();
    let routes = protocols.flat_map(|protocol| view.items_at(&["spec", protocol]));
    let destinations = routes.flat_map(|route| {
        let listed = route.items_at(&["route"]).chain(route.items_at(&["mirrors"]));
        let listed = listed.filter_map(|item| item.get("destination"));
        listed.chain(route.get("mirror"))
    });
    let is_entry = |name: &str| {
        let mut entries = inventory.of(ISTIO, "ServiceEntry");
        entries.any(|entry| {
            let mut hosts = inventory.view(entry).items_at(&["spec", "hosts"]);
            hosts.any(|host| host.text() == Some(name))
        })
    };
    destinations
        .filter_map(|destination| {
            let stated = destination.get("host")?;
            let host = stated.text().filter(|host| !host.is_empty() && !is_entry(host))?;
            let dns = host
                .strip_suffix(".svc.cluster.local")
                .or(host.strip_suffix(".svc"));
            let (name, namespace) = match dns {
                Some(dns) => dns.split_once('.')?,
                None => (host, object.namespace),
            };
            (!name.contains(['.', '*'])).then_some(Backend {
                namespace,
                name,
                stated,
                port: destination.at(&["port", "number"]),
                is_traefik_service: false,
            })
        })
        .collect()
}

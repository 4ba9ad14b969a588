//! What routes lead to: the backends of an Ingress, of routes of the Gateway API, of Traefik and of Istio.

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
    /// The text that states it.
    pub(super) stated: View<'a>,
    pub(super) port: Option<View<'a>>,
    /// Whether it is one of Traefik, which leads on, and no Service.
    pub(super) is_traefik_service: bool,
}

/// What an object leads to.
pub(super) fn backends<'a>(inventory: &Inventory<'a>, object: &Object<'a>) -> Vec<Backend<'a>> {
    let view = inventory.view(object);
    match (object.group, object.kind) {
        ("networking.k8s.io" | "extensions", "Ingress") => ingress(object, view),
        (GATEWAY_API, "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute") => {
            let rules = view.at(&["spec", "rules"]).into_iter().flat_map(View::items);
            let references = rules.filter_map(|rule| rule.get("backendRefs"));
            let is_service = |reference: &View<'_>| {
                reference.text_of("kind").is_none_or(|kind| kind == "Service")
                    && reference.text_of("group").is_none_or(|group| group == "core")
            };
            let services = references.flat_map(View::items).filter(is_service);
            services
                .filter_map(|reference| reference_of(object, reference))
                .collect()
        }
        (group, kind) if TRAEFIK.contains(&group) => {
            let services: Vec<View<'a>> = match kind {
                "IngressRoute" | "IngressRouteTCP" | "IngressRouteUDP" => {
                    let routes = view.at(&["spec", "routes"]).into_iter().flat_map(View::items);
                    let services = routes.filter_map(|route| route.get("services"));
                    services.flat_map(View::items).collect()
                }
                "TraefikService" => {
                    let weighted = view.at(&["spec", "weighted", "services"]);
                    let mirrors = view.at(&["spec", "mirroring", "mirrors"]);
                    let lists = weighted.into_iter().chain(mirrors).flat_map(View::items);
                    lists.chain(view.at(&["spec", "mirroring"])).collect()
                }
                _ => Vec::new(),
            };
            let backends = services
                .into_iter()
                .filter_map(|service| reference_of(object, service));
            backends.collect()
        }
        (ISTIO, "VirtualService") => virtual_service(inventory, object, view),
        _ => Vec::new(),
    }
}

/// A backend by `name`, `namespace` and `port`, and by `kind` where it is Traefik's.
fn reference_of<'a>(object: &Object<'a>, reference: View<'a>) -> Option<Backend<'a>> {
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
    let rules = view.at(&["spec", "rules"]).into_iter().flat_map(View::items);
    let paths = rules.filter_map(|rule| rule.at(&["http", "paths"]));
    let backends = paths.flat_map(View::items).filter_map(|path| path.get("backend"));
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
    let mut destinations = Vec::new();
    for protocol in ["http", "tls", "tcp"] {
        let routes = view.at(&["spec", protocol]).into_iter().flat_map(View::items);
        for route in routes {
            let lists = ["route", "mirrors"]
                .into_iter()
                .filter_map(|field| route.get(field));
            let listed = lists
                .flat_map(View::items)
                .filter_map(|item| item.get("destination"));
            destinations.extend(listed.chain(route.get("mirror")));
        }
    }
    let is_entry = |name: &str| {
        let mut entries = inventory.of(ISTIO, "ServiceEntry");
        entries.any(|entry| {
            let hosts = inventory.view(entry).at(&["spec", "hosts"]);
            hosts
                .into_iter()
                .flat_map(View::items)
                .any(|host| host.text() == Some(name))
        })
    };
    destinations
        .into_iter()
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

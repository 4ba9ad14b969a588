//! Ingresses, HTTPRoutes, VirtualServices, their like and the values of charts turn into the hosts under which services are
//! reached from outside.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::pods::Route;

use crate::inventory::{Inventory, Object};
use crate::kinds::helm_release::Release;
use crate::kube_services::{Backend, KubeServices};
use crate::published_hosts::{EXTERNAL_DNS, is_domain, published_hosts};
use crate::service_candidates::ServiceCandidate;
use crate::tunnels::tunnels;
use crate::view::View;

const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// Hosts by service and services by host.
#[derive(Default)]
pub(crate) struct Hosts {
    by_service: BTreeMap<usize, BTreeSet<String>>,
    /// Hosts of routes, and those under which charts publish by their values.
    by_host: BTreeMap<String, BTreeSet<usize>>,
    /// The objects that lead to a service.
    routes: BTreeMap<usize, BTreeSet<Route>>,
}

/// The routes of a service, sorted.
pub(crate) fn routes_of(hosts: &Hosts, position: usize) -> Vec<Route> {
    let routes = hosts.routes.get(&position);
    routes.into_iter().flatten().cloned().collect()
}

/// The hosts of a service, sorted.
pub(crate) fn of_service(hosts: &Hosts, position: usize) -> Vec<String> {
    hosts
        .by_service
        .get(&position)
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

impl Hosts {
    /// Of all routes of an inventory.
    pub(crate) fn new<'a>(
        inventory: &'a Inventory<'a>,
        services: &KubeServices<'a>,
        candidates: &[ServiceCandidate<'a>],
        releases: &[Release<'a>],
    ) -> Self {
        let mut hosts = Hosts::default();
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory.of(group, "Ingress") {
                let view = inventory.view(object);
                let class = view
                    .text_at(&["spec", "ingressClassName"])
                    .or_else(|| object.annotation("kubernetes.io/ingress.class"));
                let by = Leading {
                    inventory,
                    object,
                    through: class.map(str::to_owned),
                };
                for (host, service) in ingress(view) {
                    hosts.lead(services, host, (object.namespace, service), &by);
                }
            }
        }
        for kind in ["HTTPRoute", "GRPCRoute", "TLSRoute"] {
            for object in inventory.of(GATEWAY_API, kind) {
                let by = Leading {
                    inventory,
                    object,
                    through: gateways(inventory.view(object)),
                };
                for (host, namespace, service) in gateway_route(inventory, object) {
                    hosts.lead(services, host, (namespace, service), &by);
                }
            }
        }
        for group in ["traefik.io", "traefik.containo.us"] {
            for object in ["IngressRoute", "IngressRouteTCP"]
                .iter()
                .flat_map(|kind| inventory.of(group, kind))
            {
                let by = Leading {
                    inventory,
                    object,
                    through: None,
                };
                for (host, namespace, service) in ingress_route(object, inventory.view(object)) {
                    hosts.lead(services, host, (namespace, service), &by);
                }
            }
        }
        for object in inventory.of("", "Service") {
            let names = object.annotation(EXTERNAL_DNS).unwrap_or_default().split(',');
            let by = Leading {
                inventory,
                object,
                through: None,
            };
            for host in names.map(str::trim).filter(|host| is_domain(host)) {
                hosts.lead(services, host, (object.namespace, object.name), &by);
            }
        }
        for object in inventory.of("networking.istio.io", "VirtualService") {
            virtual_service(inventory, object, services, &mut hosts);
        }
        for (position, candidate) in candidates.iter().enumerate() {
            let release = candidate.release.and_then(|release| releases.get(release));
            if let Some(release) = release.filter(|release| release.rendered().is_none()) {
                for host in published_hosts(release) {
                    hosts.add(position, &host);
                }
            }
        }
        hosts.through_tunnels(inventory, services);
        hosts
    }

    /// Adds the hosts that tunnels lead to Services, or to hosts of services.
    fn through_tunnels<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for tunnel in tunnels(inventory) {
            let target = tunnel.service.split_once("://").map_or("", |(_, target)| target);
            let target = target
                .split(['/', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let mut labels = target.split('.');
            let (name, namespace) = (
                labels.next().unwrap_or_default(),
                labels.next().unwrap_or_default(),
            );
            let behind = match services.backend(namespace, name) {
                Some(Backend::Workloads(workloads)) => workloads,
                _ => self.services(&target).collect(),
            };
            if !is_domain(&tunnel.host) || tunnel.host.starts_with('*') || tunnel.host == target {
                continue;
            }
            for workload in behind {
                self.add(workload, &tunnel.host);
                self.routes.entry(workload).or_default().insert(Route {
                    host: tunnel.host.clone(),
                    kind: "ConfigMap".to_owned(),
                    name: tunnel.config_map.to_owned(),
                    through: Some("cloudflared".to_owned()),
                    source: tunnel.place.clone(),
                });
            }
        }
    }

    /// Positions of the services that are reached under a host.
    pub(crate) fn services(&self, host: &str) -> impl Iterator<Item = usize> {
        self.by_host.get(host).into_iter().flatten().copied()
    }

    /// Whether it is known under which hosts a service is reached.
    pub(crate) fn has_own(&self, position: usize) -> bool {
        self.by_service
            .get(&position)
            .is_some_and(|hosts| !hosts.is_empty())
    }

    fn lead(
        &mut self,
        services: &KubeServices<'_>,
        host: &str,
        (namespace, service): (&str, &str),
        by: &Leading<'_>,
    ) {
        if host.is_empty() || host == "*" {
            return;
        }
        if let Some(Backend::Workloads(workloads)) = services.backend(namespace, service) {
            for workload in workloads {
                self.add(workload, host);
                self.routes.entry(workload).or_default().insert(by.route(host));
            }
        }
    }

    fn add(&mut self, workload: usize, host: &str) {
        self.by_service
            .entry(workload)
            .or_default()
            .insert(host.to_owned());
        self.by_host.entry(host.to_owned()).or_default().insert(workload);
    }
}

/// An object that leads from hosts to Services.
struct Leading<'a> {
    inventory: &'a Inventory<'a>,
    object: &'a Object<'a>,
    through: Option<String>,
}

impl Leading<'_> {
    fn route(&self, host: &str) -> Route {
        Route {
            host: host.to_owned(),
            kind: self.object.kind.to_owned(),
            name: self.object.name.to_owned(),
            through: self.through.clone(),
            source: self.inventory.source(self.object),
        }
    }
}

/// The Gateways that a route attaches to.
fn gateways(view: View<'_>) -> Option<String> {
    let parents = view.at(&["spec", "parentRefs"]).into_iter().flat_map(View::items);
    let names: BTreeSet<&str> = parents.filter_map(|parent| parent.text_of("name")).collect();
    let names: Vec<&str> = names.into_iter().collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Hosts and the Services behind them.
fn ingress(view: View<'_>) -> Vec<(&'_ str, &'_ str)> {
    let mut found = Vec::new();
    let rules: Vec<View<'_>> = view
        .at(&["spec", "rules"])
        .into_iter()
        .flat_map(View::items)
        .collect();
    for rule in &rules {
        let host = rule.text_of("host").unwrap_or_default();
        for path in rule.at(&["http", "paths"]).into_iter().flat_map(View::items) {
            found.extend(
                path.get("backend")
                    .and_then(backend_service)
                    .map(|service| (host, service)),
            );
        }
    }
    // The default backend answers for the hosts of rules without paths.
    let default = ["defaultBackend", "backend"]
        .iter()
        .find_map(|field| view.at(&["spec", field]));
    if let Some(service) = default.and_then(backend_service) {
        let without_paths = rules.iter().filter(|rule| rule.get("http").is_none());
        found.extend(without_paths.filter_map(|rule| Some((rule.text_of("host")?, service))));
    }
    found
}

/// `service.name`, or `serviceName` of the beta versions.
fn backend_service(backend: View<'_>) -> Option<&str> {
    backend
        .text_at(&["service", "name"])
        .or_else(|| backend.text_of("serviceName"))
}

/// Hosts, namespaces and Services of an HTTPRoute or its like.
fn gateway_route<'a>(inventory: &Inventory<'a>, object: &Object<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let view = inventory.view(object);
    let mut names: Vec<&str> = view
        .at(&["spec", "hostnames"])
        .into_iter()
        .flat_map(View::items)
        .filter_map(View::text)
        .collect();
    if names.is_empty() {
        names = listener_hosts(inventory, object, view);
    }
    let rules = view.at(&["spec", "rules"]).into_iter().flat_map(View::items);
    let backends = rules
        .filter_map(|rule| rule.get("backendRefs"))
        .flat_map(View::items);
    backends
        .filter(|backend| backend.text_of("kind").is_none_or(|kind| kind == "Service"))
        .filter_map(|backend| {
            Some((
                backend.text_of("namespace").unwrap_or(object.namespace),
                backend.text_of("name")?,
            ))
        })
        .flat_map(|(namespace, service)| names.iter().map(move |host| (*host, namespace, service)))
        .collect()
}

fn virtual_service<'a>(
    inventory: &'a Inventory<'a>,
    object: &'a Object<'a>,
    services: &KubeServices<'_>,
    hosts: &mut Hosts,
) {
    let view = inventory.view(object);
    let by = Leading {
        inventory,
        object,
        through: None,
    };
    let names: Vec<&str> = view
        .at(&["spec", "hosts"])
        .into_iter()
        .flat_map(View::items)
        .filter_map(View::text)
        // Names inside the cluster are no hosts that lead to it from outside.
        .filter(|host| host.contains('.') && !host.contains(".svc"))
        .collect();
    let routes = ["http", "tls", "tcp"]
        .iter()
        .filter_map(|protocol| view.at(&["spec", protocol]));
    for destination in routes
        .flat_map(View::items)
        .filter_map(|route| route.get("route"))
        .flat_map(View::items)
        .filter_map(|route| route.text_at(&["destination", "host"]))
    {
        let mut labels = destination.split('.');
        let service = labels.next().unwrap_or_default();
        let namespace = labels.next().unwrap_or(object.namespace);
        if !services.has_namespace(namespace) {
            continue;
        }
        for host in &names {
            hosts.lead(services, host, (namespace, service), &by);
        }
    }
}

/// Hosts, namespaces and Services of an IngressRoute of Traefik, whose rules are texts such as ``Host(`a`) && Path(`/`)``.
fn ingress_route<'a>(object: &Object<'a>, view: View<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut found = Vec::new();
    for route in view.at(&["spec", "routes"]).into_iter().flat_map(View::items) {
        let hosts = hosts_of_rule(route.text_of("match").unwrap_or_default());
        for service in route.get("services").into_iter().flat_map(View::items) {
            // The kind may be TraefikService, which is no Service.
            if service.text_of("kind").is_none_or(|kind| kind == "Service")
                && let Some(name) = service.text_of("name")
            {
                let namespace = service.text_of("namespace").unwrap_or(object.namespace);
                found.extend(hosts.iter().map(|host| (*host, namespace, name)));
            }
        }
    }
    found
}

/// The hosts in the calls of `Host` and `HostSNI` of a rule.
fn hosts_of_rule(rule: &str) -> Vec<&str> {
    let mut hosts = Vec::new();
    for call in ["Host(", "HostSNI("] {
        let mut rest = rule;
        while let Some(at) = rest.find(call) {
            // `!Host(…)` leads nowhere, and `xHost(` is another function.
            let before = rest.get(..at).and_then(|before| before.chars().next_back());
            rest = rest.get(at + call.len()..).unwrap_or_default();
            let Some((arguments, after)) = rest.split_once(')') else {
                break;
            };
            rest = after;
            if before.is_some_and(|c| c == '!' || c.is_alphanumeric()) {
                continue;
            }
            hosts.extend(
                arguments
                    .split(',')
                    .map(|argument| argument.trim().trim_matches(['`', '"', '\'']))
                    .filter(|host| !host.is_empty()),
            );
        }
    }
    hosts
}

/// Hosts of the listeners of the Gateways to which a route without hosts of its own attaches
/// (<https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec>).
fn listener_hosts<'a>(inventory: &Inventory<'a>, object: &Object<'a>, view: View<'a>) -> Vec<&'a str> {
    let mut hosts = Vec::new();
    for parent in view.at(&["spec", "parentRefs"]).into_iter().flat_map(View::items) {
        let namespace = parent.text_of("namespace").unwrap_or(object.namespace);
        let gateway = parent
            .text_of("name")
            .and_then(|name| inventory.find(GATEWAY_API, "Gateway", namespace, name));
        let listeners = gateway.and_then(|gateway| inventory.view(gateway).at(&["spec", "listeners"]));
        let section = parent.text_of("sectionName");
        hosts.extend(
            listeners
                .into_iter()
                .flat_map(View::items)
                .filter(|listener| section.is_none_or(|section| listener.text_of("name") == Some(section)))
                .filter_map(|listener| listener.text_of("hostname")),
        );
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_traefik() {
        for (rule, hosts) in [
            ("Host(`a.io`) && PathPrefix(`/x`)", &["a.io"][..]),
            (
                "Host(`a.io`, `b.io`) || Host(\"c.io\")",
                &["a.io", "b.io", "c.io"],
            ),
            ("HostSNI(`a.io`)", &["a.io"]),
            ("!Host(`a.io`) && HostRegexp(`.*`)", &[]),
            ("Host(`a.io", &[]),
        ] {
            assert_eq!(hosts_of_rule(rule), hosts, "{rule}");
        }
    }
}

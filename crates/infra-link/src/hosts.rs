//! Ingresses, HTTPRoutes, VirtualServices, their like and the values of charts turn into the hosts under which services are
//! reached from outside.

use std::collections::btree_map::Entry;
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
    /// The objects that lead to a service, by what they are and lead.
    routes: BTreeMap<usize, BTreeMap<(String, String, String), Route>>,
    /// The paths that the values of charts state beside a host.
    published: BTreeMap<(usize, String), BTreeSet<String>>,
}

/// The routes of a service, sorted.
pub(crate) fn routes_of(hosts: &Hosts, position: usize) -> Vec<Route> {
    let routes = hosts.routes.get(&position).into_iter();
    let mut routes: Vec<Route> = routes.flat_map(BTreeMap::values).cloned().collect();
    for route in &mut routes {
        // What leads all requests to one backend says so by saying nothing.
        let parts = route
            .matches
            .iter()
            .map(|text| text.split_once(" -> ").unwrap_or((text, "")));
        let (requests, backends): (BTreeSet<&str>, BTreeSet<&str>) = parts.unzip();
        if requests.contains("/") && backends.len() == 1 {
            route.matches.clear();
        }
    }
    routes
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
                for (host, service, path) in ingress(view) {
                    hosts.lead(services, host, (object.namespace, service), path, &by);
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
                for (host, to, requests) in gateway_route(inventory, object) {
                    hosts.lead(services, host, to, requests, &by);
                }
            }
        }
        for kind in ["TCPRoute", "UDPRoute"] {
            // Of others the catalogs have the route itself.
            let of_charts = inventory
                .of(GATEWAY_API, kind)
                .filter(|object| object.is_of_chart());
            for object in of_charts {
                hosts.lead_without_host(inventory, object, services);
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
                    hosts.lead(services, host, (namespace, service), Vec::new(), &by);
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
                hosts.lead(services, host, (object.namespace, object.name), Vec::new(), &by);
            }
        }
        for object in inventory.of("networking.istio.io", "VirtualService") {
            virtual_service(inventory, object, services, &mut hosts);
        }
        for (position, candidate) in candidates.iter().enumerate() {
            let release = candidate.release.and_then(|release| releases.get(release));
            if let Some(release) = release.filter(|release| release.rendered().is_none()) {
                for (host, paths) in published_hosts(release) {
                    hosts.add(position, &host);
                    hosts.published.insert((position, host), paths);
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
                self.add_route(
                    workload,
                    Route {
                        host: tunnel.host.clone(),
                        kind: "ConfigMap".to_owned(),
                        name: tunnel.config_map.to_owned(),
                        through: Some("cloudflared".to_owned()),
                        matches: Vec::new(),
                        source: tunnel.place.clone(),
                    },
                );
            }
        }
    }

    /// Positions of the services that are reached under a host.
    pub(crate) fn services(&self, host: &str) -> impl Iterator<Item = usize> {
        self.by_host.get(host).into_iter().flatten().copied()
    }

    /// The services that answer under a host for the path of a URL: those whose own path is the longest that it begins with. Without
    /// a path it is not known which of them is meant.
    pub(crate) fn services_for(&self, host: &str, path: Option<&str>) -> Vec<usize> {
        let all: Vec<usize> = self.services(host).collect();
        let Some(path) = path.filter(|_| all.len() > 1) else {
            return all;
        };
        let longest = |position: usize| {
            let own = self.paths(position, host).into_iter();
            own.filter(|own| begins_with(path, own))
                .map(|own| own.len())
                .max()
        };
        let lengths: Vec<Option<usize>> = all.iter().map(|position| longest(*position)).collect();
        let best = lengths.iter().max().copied().flatten();
        let with_length = all.into_iter().zip(lengths);
        with_length
            .filter(|(_, length)| *length == best)
            .map(|(position, _)| position)
            .collect()
    }

    /// The beginnings of paths for which a service answers under a host, without the slash at their end; of one that states none
    /// the empty one.
    fn paths(&self, position: usize, host: &str) -> Vec<String> {
        let routes = self.routes.get(&position).into_iter();
        let routes = routes
            .flat_map(BTreeMap::values)
            .filter(|route| route.host == host);
        let mut found = Vec::new();
        for route in routes {
            found.extend(route.matches.iter().map(|request| beginning(request)));
            if route.matches.is_empty() {
                found.push(String::new());
            }
        }
        let published = self.published.get(&(position, host.to_owned()));
        found.extend(published.into_iter().flatten().map(|path| beginning(path)));
        if found.is_empty() {
            found.push(String::new());
        }
        found
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
        requests: Vec<String>,
        by: &Leading<'_>,
    ) {
        if host.is_empty() || host == "*" {
            return;
        }
        if let Some(Backend::Workloads(workloads)) = services.backend(namespace, service) {
            for workload in workloads {
                self.add(workload, host);
                self.add_route(workload, by.route(host, requests.clone()));
            }
        }
    }

    /// Adds the listeners of Gateways whose connections a route leads to Services.
    fn lead_without_host<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        object: &'a Object<'a>,
        services: &KubeServices<'a>,
    ) {
        let by = Leading {
            inventory,
            object,
            through: listeners(inventory, object),
        };
        for rule in inventory
            .view(object)
            .at(&["spec", "rules"])
            .into_iter()
            .flat_map(View::items)
        {
            for (namespace, service, _) in backends(object, rule) {
                if let Some(Backend::Workloads(workloads)) = services.backend(namespace, service) {
                    for workload in workloads {
                        self.add_route(workload, by.route("", Vec::new()));
                    }
                }
            }
        }
    }

    /// Adds a route; another rule of the same one leads further requests there.
    fn add_route(&mut self, workload: usize, route: Route) {
        let key = (route.host.clone(), route.kind.clone(), route.name.clone());
        match self.routes.entry(workload).or_default().entry(key) {
            Entry::Vacant(place) => {
                place.insert(route);
            }
            Entry::Occupied(mut known) => {
                let known = &mut known.get_mut().matches;
                known.extend(route.matches);
                known.sort();
                known.dedup();
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

/// The literal beginning of the path of a request such as `GET /x -> web:80` or `~/x(/|$)(.*)`.
fn beginning(request: &str) -> String {
    let mut words = request.split_whitespace();
    let path = words.find_map(|word| {
        let path = word.trim_start_matches(['=', '~', '^']);
        path.starts_with('/').then_some(path)
    });
    let path = path.unwrap_or_default();
    let end = path.find(['(', '[', '*', '?', '+', '\\', '$', '|']);
    let literal = end.and_then(|end| path.get(..end));
    // What stands before `*` is any character.
    let literal = literal.map_or(path, |literal| literal.trim_end_matches('.'));
    literal.trim_end_matches('/').to_owned()
}

/// Whether the first segments of a path are those of another one.
fn begins_with(path: &str, own: &str) -> bool {
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// An object that leads from hosts to Services.
struct Leading<'a> {
    inventory: &'a Inventory<'a>,
    object: &'a Object<'a>,
    through: Option<String>,
}

impl Leading<'_> {
    fn route(&self, host: &str, matches: Vec<String>) -> Route {
        Route {
            matches,
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

/// The Gateways that a route attaches to, with the listeners that it names and their ports.
fn listeners(inventory: &Inventory<'_>, object: &Object<'_>) -> Option<String> {
    let parents = inventory.view(object).at(&["spec", "parentRefs"])?;
    let names = parents.items().filter_map(|parent| {
        let name = parent.text_of("name")?;
        let Some(section) = parent.text_of("sectionName") else {
            return Some(name.to_owned());
        };
        let namespace = parent.text_of("namespace").unwrap_or(object.namespace);
        let port = inventory
            .find(GATEWAY_API, "Gateway", namespace, name)
            .and_then(|gateway| inventory.view(gateway).at(&["spec", "listeners"]))
            .into_iter()
            .flat_map(View::items)
            .find(|listener| listener.text_of("name") == Some(section))
            .and_then(|listener| listener.text_of("port"));
        let port = port.map(|port| format!(" port {port}")).unwrap_or_default();
        Some(format!("{name}{port}, listener {section}"))
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Hosts, the Services behind them, and the path that leads there.
fn ingress(view: View<'_>) -> Vec<(&'_ str, &'_ str, Vec<String>)> {
    let mut found = Vec::new();
    let rules: Vec<View<'_>> = view
        .at(&["spec", "rules"])
        .into_iter()
        .flat_map(View::items)
        .collect();
    for rule in &rules {
        let host = rule.text_of("host").unwrap_or_default();
        for path in rule.at(&["http", "paths"]).into_iter().flat_map(View::items) {
            let requests = Some(path.text_of("path").unwrap_or("/"));
            found.extend(
                path.get("backend")
                    .and_then(backend_service)
                    .map(|service| (host, service, requests.into_iter().map(str::to_owned).collect())),
            );
        }
    }
    // The default backend answers for the hosts of rules without paths.
    let default = ["defaultBackend", "backend"]
        .iter()
        .find_map(|field| view.at(&["spec", field]));
    if let Some(service) = default.and_then(backend_service) {
        let without_paths = rules.iter().filter(|rule| rule.get("http").is_none());
        found.extend(without_paths.filter_map(|rule| Some((rule.text_of("host")?, service, Vec::new()))));
    }
    found
}

/// `service.name`, or `serviceName` of the beta versions.
fn backend_service(backend: View<'_>) -> Option<&str> {
    backend
        .text_at(&["service", "name"])
        .or_else(|| backend.text_of("serviceName"))
}

/// A host, namespace and name of a Service, and the requests that are led there.
type Led<'a> = (&'a str, (&'a str, &'a str), Vec<String>);

/// Where an HTTPRoute or its like leads.
fn gateway_route<'a>(inventory: &Inventory<'a>, object: &Object<'a>) -> Vec<Led<'a>> {
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
    let mut found = Vec::new();
    let rules = view.at(&["spec", "rules"]).into_iter().flat_map(View::items);
    let is_one_of_several = view
        .at(&["spec", "rules"])
        .is_some_and(|rules| rules.items().count() > 1);
    for rule in rules {
        let requests = requests(rule);
        for (namespace, service, port) in backends(object, rule) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let leads = |request: &String| match is_one_of_several {
                true => format!("{request} -> {service}{port}"),
                false => request.clone(),
            };
            let requests: Vec<String> = requests.iter().map(leads).collect();
            found.extend(
                names
                    .iter()
                    .map(|host| (*host, (namespace, service), requests.clone())),
            );
        }
    }
    found
}

/// Namespaces, names and ports of the Services of a rule.
fn backends<'a>(
    object: &Object<'a>,
    rule: View<'a>,
) -> impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)> {
    let namespace = object.namespace;
    let backends = rule.get("backendRefs").into_iter().flat_map(View::items);
    backends
        .filter(|backend| backend.text_of("kind").is_none_or(|kind| kind == "Service"))
        .filter_map(move |backend| {
            Some((
                backend.text_of("namespace").unwrap_or(namespace),
                backend.text_of("name")?,
                backend.text_of("port"),
            ))
        })
}

/// The requests that a rule is for: `/` for all
/// (<https://gateway-api.sigs.k8s.io/reference/spec/#httproutematch>).
fn requests(rule: View<'_>) -> Vec<String> {
    let matches = rule.get("matches").into_iter().flat_map(View::items);
    let texts = matches.map(|one| {
        let mut words: Vec<String> = Vec::new();
        // Of a GRPCRoute the method is a service and a method of it.
        let grpc = ["service", "method"].map(|part| one.text_at(&["method", part]));
        match grpc {
            [None, None] => words.extend(one.text_of("method").map(str::to_owned)),
            parts => words.push(parts.map(|part| part.unwrap_or("*")).join("/")),
        }
        if let Some(value) = one.text_at(&["path", "value"]) {
            match one.text_at(&["path", "type"]) {
                Some("Exact") => words.push(format!("={value}")),
                Some("RegularExpression") => words.push(format!("~{value}")),
                _ if value == "/" => {}
                _ => words.push(value.to_owned()),
            }
        }
        for (field, word) in [("headers", "header"), ("queryParams", "query")] {
            for pair in one.get(field).into_iter().flat_map(View::items) {
                let (name, value) = (pair.text_of("name"), pair.text_of("value"));
                let (name, value) = (name.unwrap_or_default(), value.unwrap_or_default());
                let value = match redaction::credential(name, value) {
                    Some(_) => redaction::REDACTED,
                    None => value,
                };
                words.push(format!("{word} {name}={value}"));
            }
        }
        words.join(" ")
    });
    let texts: Vec<String> = texts.collect();
    match texts.is_empty() || texts.iter().any(String::is_empty) {
        true => vec!["/".to_owned()],
        false => texts,
    }
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
            hosts.lead(services, host, (namespace, service), Vec::new(), &by);
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

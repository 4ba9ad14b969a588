//! Ingresses, HTTPRoutes and VirtualServices turn into the hosts under which services are reached from outside.

use std::collections::{BTreeMap, BTreeSet};

use super::any_case;
use super::helm_releases::Release;
use super::helm_values::walk_scalars;
use super::inventory::{Inventory, Object};
use super::kube_services::{Behind, KubeServices};
use super::services::Seed;
use super::view::View;

/// Hosts by service and services by host.
#[derive(Default)]
pub(crate) struct Hosts {
    by_service: BTreeMap<usize, BTreeSet<String>>,
    /// Hosts of routes, and those under which charts publish by their values.
    by_host: BTreeMap<String, BTreeSet<usize>>,
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
        seeds: &[Seed<'a>],
        releases: &[Release<'a>],
    ) -> Self {
        let mut hosts = Hosts::default();
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory.of(group, "Ingress") {
                for (host, service) in ingress(inventory.view(object)) {
                    hosts.lead(services, host, object.namespace, service);
                }
            }
        }
        for object in inventory.of("gateway.networking.k8s.io", "HTTPRoute") {
            for (host, namespace, service) in http_route(object, inventory.view(object)) {
                hosts.lead(services, host, namespace, service);
            }
        }
        for object in inventory.of("networking.istio.io", "VirtualService") {
            virtual_service(object, inventory.view(object), services, &mut hosts);
        }
        for (position, seed) in seeds.iter().enumerate() {
            if let Some(release) = seed.release.and_then(|release| releases.get(release)) {
                for host in published(release) {
                    hosts.by_host.entry(host).or_default().insert(position);
                }
            }
        }
        hosts
    }

    /// Positions of the services that are reached under a host.
    pub(crate) fn services(&self, host: &str) -> impl Iterator<Item = usize> {
        self.by_host.get(host).into_iter().flatten().copied()
    }

    fn lead(&mut self, services: &KubeServices<'_>, host: &str, namespace: &str, service: &str) {
        if host.is_empty() || host == "*" {
            return;
        }
        if let Some(Behind::Workloads(workloads)) = services.behind(namespace, service) {
            for workload in workloads {
                self.by_service
                    .entry(workload)
                    .or_default()
                    .insert(host.to_owned());
                self.by_host.entry(host.to_owned()).or_default().insert(workload);
            }
        }
    }
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

/// Hosts, namespaces and Services of an HTTPRoute.
fn http_route<'a>(object: &Object<'a>, view: View<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let names: Vec<&str> = view
        .at(&["spec", "hostnames"])
        .into_iter()
        .flat_map(View::items)
        .filter_map(View::text)
        .collect();
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

fn virtual_service(object: &Object<'_>, view: View<'_>, services: &KubeServices<'_>, hosts: &mut Hosts) {
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
            hosts.lead(services, host, namespace, service);
        }
    }
}

/// Hosts that the values of a chart give to its own Ingress or route.
fn published(release: &Release<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk_scalars(&release.values.node, &mut |path, scalar| {
        if is_route_path(path)
            && let Some(host) = scalar.as_str().and_then(|text| release.untemplated(text))
            && is_domain(&host)
        {
            found.insert(host);
        }
    });
    found
}

/// Whether a path of values describes how a chart is reached from outside.
pub(crate) fn is_route_path(path: &[&str]) -> bool {
    path.iter().any(|key| {
        ["ingress", "httproute", "virtualservice"]
            .iter()
            .any(|start| any_case::starts_with(key, start))
            || ["route", "routes", "hostnames", "gateway", "gateways"]
                .iter()
                .any(|word| key.eq_ignore_ascii_case(word))
    })
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && !text.contains("..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && text
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()))
}

//! Hosts under which services are reached from outside, by Ingresses, HTTPRoutes, VirtualServices and their like, and by the
//! values of charts.

mod gateway_route;
mod ingress;
mod ingress_route;
mod paths;
mod virtual_service;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::pods::Route;

use crate::inventory::{Inventory, Object};
use crate::kinds::helm_release::Release;
use crate::kube_services::{Backend, KubeServices};
use crate::published_hosts::{EXTERNAL_DNS, is_domain, published_hosts};
use crate::service_candidates::ServiceCandidate;
use crate::tunnels::tunnels;

use paths::{beginning, is_below};

/// Hosts by service and services by host.
#[derive(Default)]
pub(crate) struct Hosts {
    by_service: BTreeMap<usize, BTreeSet<String>>,
    /// Hosts of routes, and those that the values of charts publish.
    by_host: BTreeMap<String, BTreeSet<usize>>,
    /// The routes of a service, by host, and kind and name of the object.
    routes: BTreeMap<usize, BTreeMap<(String, String, String), Route>>,
    /// The paths that the values of charts state beside a host.
    published: BTreeMap<(usize, String), BTreeSet<String>>,
}

/// The routes of a service, sorted.
pub(crate) fn routes_of(hosts: &Hosts, position: usize) -> Vec<Route> {
    let routes = hosts.routes.get(&position).into_iter();
    let mut routes: Vec<Route> = routes.flat_map(BTreeMap::values).cloned().collect();
    for route in &mut routes {
        // A route of all requests to one backend has no matches.
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
pub(crate) fn hosts_of(hosts: &Hosts, position: usize) -> Vec<String> {
    let found = hosts.by_service.get(&position).into_iter();
    found.flatten().cloned().collect()
}

impl Hosts {
    /// Collects the hosts of an inventory.
    pub(crate) fn new<'a>(
        inventory: &'a Inventory<'a>,
        services: &KubeServices<'a>,
        candidates: &[ServiceCandidate<'a>],
        releases: &[Release<'a>],
    ) -> Self {
        let mut hosts = Hosts::default();
        hosts.add_ingresses(inventory, services);
        hosts.add_gateway_routes(inventory, services);
        hosts.add_ingress_routes(inventory, services);
        hosts.add_virtual_services(inventory, services);
        for object in inventory.of("", "Service") {
            let names = object.annotation(EXTERNAL_DNS).unwrap_or_default().split(',');
            let router = Router::new(inventory, object, None);
            for host in names.map(str::trim).filter(|host| is_domain(host)) {
                hosts.add_host(
                    services,
                    host,
                    (object.namespace, object.name),
                    Vec::new(),
                    &router,
                );
            }
        }
        for (position, candidate) in candidates.iter().enumerate() {
            let release = candidate.unrendered_release(releases).into_iter();
            for (host, paths) in release.flat_map(published_hosts) {
                hosts.add(position, &host);
                hosts.published.insert((position, host), paths);
            }
        }
        hosts.add_tunnels(inventory, services);
        hosts
    }

    /// Adds the hosts that tunnels lead to Services, or to hosts of services.
    fn add_tunnels<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for tunnel in tunnels(inventory) {
            let target = tunnel.service.split_once("://").map_or("", |(_, target)| target);
            let target = target.split(['/', ':']).next().unwrap_or_default();
            let target = target.to_ascii_lowercase();
            if !is_domain(&tunnel.host) || tunnel.host.starts_with('*') || tunnel.host == target {
                continue;
            }
            let (name, rest) = target.split_once('.').unwrap_or((&target, ""));
            let namespace = rest.split('.').next().unwrap_or_default();
            let workloads = match services.backend(namespace, name) {
                Some(Backend::Workloads(workloads)) => workloads,
                _ => self.services(&target).collect(),
            };
            for workload in workloads {
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

    /// Positions of the services of a host.
    pub(crate) fn services(&self, host: &str) -> impl Iterator<Item = usize> {
        self.by_host.get(host).into_iter().flatten().copied()
    }

    /// The services of a host that answer for the path of a URL: those with the longest path that it begins with. All of them
    /// without a path.
    pub(crate) fn services_for(&self, host: &str, path: Option<&str>) -> Vec<usize> {
        let all: Vec<usize> = self.services(host).collect();
        let Some(path) = path.filter(|_| all.len() > 1) else {
            return all;
        };
        let longest = |position: &usize| {
            let own = self.paths(*position, host).into_iter();
            let fitting = own.filter(|own| is_below(path, own));
            fitting.map(|own| own.len()).max()
        };
        let lengths: Vec<Option<usize>> = all.iter().map(longest).collect();
        let best = lengths.iter().max().copied().flatten();
        let with_length = all.into_iter().zip(lengths);
        let best = with_length.filter(|(_, length)| *length == best);
        best.map(|(position, _)| position).collect()
    }

    /// The beginnings of the paths for which a service answers under a host, without the final slash; an empty one if it states
    /// none.
    fn paths(&self, position: usize, host: &str) -> Vec<String> {
        let routes = self.routes.get(&position).into_iter();
        let mut found = Vec::new();
        for route in routes
            .flat_map(BTreeMap::values)
            .filter(|route| route.host == host)
        {
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

    /// Whether any host of a service is known.
    pub(crate) fn has_own(&self, position: usize) -> bool {
        self.by_service.contains_key(&position)
    }

    /// Adds a host that an object leads to a Service.
    fn add_host(
        &mut self,
        services: &KubeServices<'_>,
        host: &str,
        (namespace, service): (&str, &str),
        requests: Vec<String>,
        router: &Router<'_>,
    ) {
        if host.is_empty() || host == "*" {
            return;
        }
        if let Some(Backend::Workloads(workloads)) = services.backend(namespace, service) {
            for workload in workloads {
                self.add(workload, host);
                self.add_route(workload, router.route(host, requests.clone()));
            }
        }
    }

    /// Adds a route; another rule of the same object adds its requests.
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

/// An object that leads hosts to Services.
struct Router<'a> {
    inventory: &'a Inventory<'a>,
    object: &'a Object<'a>,
    /// The class, or the Gateways.
    through: Option<String>,
}

impl<'a> Router<'a> {
    fn new(inventory: &'a Inventory<'a>, object: &'a Object<'a>, through: Option<String>) -> Self {
        Router {
            inventory,
            object,
            through,
        }
    }

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

//! Routes without hosts that lead to a service: TCPRoutes, UDPRoutes, and others of Gateway API that state none.

use std::collections::BTreeSet;
use std::fmt;

use infra_model::object::OtherObject;
use infra_model::service::Service;

use super::load_balancers::asks_for_address;
use crate::Facts;
use crate::facts::{entries, mentioning};
use crate::graph::links::{object_named, release_of};
use crate::object::value;
use crate::text::listed;

/// A route to a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposure<'a> {
    /// Key of the route.
    pub route: &'a str,
    /// Name of its Gateway.
    pub gateway: &'a str,
    /// The listener of the Gateway that it names.
    pub listener: Option<&'a str>,
    /// The port of that listener.
    pub port: Option<&'a str>,
    /// The addresses that the Gateway requests.
    pub addresses: Vec<&'a str>,
    /// The port of the Kubernetes Service that it leads to.
    pub to: Option<&'a str>,
}

impl fmt::Display for Exposure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway {}{}", self.gateway, listed(" at ", &self.addresses))?;
        if let Some(port) = self.port {
            write!(f, " port {port}")?;
        }
        match self.listener {
            Some(listener) => write!(f, " (listener {listener}, {})", self.route)?,
            None => write!(f, " ({})", self.route)?,
        }
        match self.to {
            Some(to) => write!(f, " -> {to}"),
            None => Ok(()),
        }
    }
}

const KINDS: &[&str] = &["TCPRoute", "UDPRoute", "TLSRoute", "HTTPRoute", "GRPCRoute"];

/// The routes without hosts whose backends are Kubernetes Services of a service.
pub(crate) fn exposures<'a>(facts: &'a dyn Facts, service: &Service) -> Vec<Exposure<'a>> {
    // `name.namespace.svc.cluster.local`
    let names = service.dns.iter().filter_map(|dns| dns.split('.').next());
    let ports = service.service_ports.iter();
    let names: BTreeSet<&str> = names.chain(ports.map(|port| port.service.as_str())).collect();
    let mut found = BTreeSet::new();
    if service.workload.is_none() {
        for (key, route) in entries(facts.objects(), KINDS) {
            let is_meant = is_route(route) && route.namespace == service.namespace;
            for name in backends(route).filter(|_| is_meant) {
                if is_of_release(facts, service, name) {
                    found.extend(of_route(facts, (key, route), name, &service.namespace));
                }
            }
        }
    }
    for name in names {
        for (key, route) in mentioning(facts.objects(), name).filter(|(_, route)| is_route(route)) {
            found.extend(of_route(facts, (key, route), name, &service.namespace));
        }
    }
    found.into_iter().collect()
}

/// Whether an object is a route without hosts.
fn is_route(object: &OtherObject) -> bool {
    let mut paths = object.fields.keys();
    KINDS.contains(&object.kind.as_str()) && !paths.any(|path| path.starts_with("spec.hostnames"))
}

/// The Kubernetes Services of a route's backends.
fn backends(route: &OtherObject) -> impl Iterator<Item = &str> {
    let fields = route.fields.iter();
    let names = fields.filter(|(path, _)| path.contains(".backendRefs[") && path.ends_with(".name"));
    names.map(|(_, field)| field.value.as_str())
}

/// Whether a chart that is not available may make a Kubernetes Service, by its name: that of the release, or one that
/// begins with it and is not that of another service.
fn is_of_release(facts: &dyn Facts, service: &Service, name: &str) -> bool {
    let Some((_, release)) = release_of(facts, service) else {
        return false;
    };
    let rest = name.strip_prefix(release.release_name.as_str());
    let is_own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let mut others = mentioning(facts.services(), name);
    is_own && !others.any(|(_, other)| other.name == name && other.name != service.name)
}

fn of_route<'a>(
    facts: &'a dyn Facts,
    (key, route): (&'a str, &'a OtherObject),
    name: &str,
    namespace: &str,
) -> Vec<Exposure<'a>> {
    let text = |path: &str| value(route, path);
    let is_backend = |path: &&String| {
        path.contains(".backendRefs[") && path.ends_with(".name") && text(path) == Some(name)
    };
    let Some(to) = route.fields.keys().filter(is_backend).find_map(|path| {
        let backend = path.strip_suffix(".name")?;
        let backend_namespace = text(&format!("{backend}.namespace")).unwrap_or(&route.namespace);
        (backend_namespace == namespace).then(|| text(&format!("{backend}.port")))
    }) else {
        return Vec::new();
    };
    let gateways = route.fields.iter().filter_map(|(path, field)| {
        let parent = path.strip_suffix(".name")?;
        let is_parent = parent.starts_with("spec.parentRefs[");
        is_parent.then_some((parent, &field.value))
    });
    gateways
        .map(|(parent, gateway)| {
            let listener = text(&format!("{parent}.sectionName"));
            let in_namespace = text(&format!("{parent}.namespace")).unwrap_or(&route.namespace);
            let made = object_named(facts, "Gateway", in_namespace, gateway).map(|(_, gateway)| gateway);
            Exposure {
                route: key,
                gateway,
                listener,
                port: made
                    .zip(listener)
                    .and_then(|(gateway, listener)| port_of(gateway, listener)),
                addresses: made.map_or_else(Vec::new, addresses),
                to,
            }
        })
        .collect()
}

/// The addresses that a Gateway requests for itself, or for its Kubernetes Service.
pub(super) fn addresses(gateway: &OtherObject) -> Vec<&str> {
    let fields = gateway.fields.iter();
    let is_address = |path: &str| {
        path.starts_with("spec.addresses[") && path.ends_with("].value")
            || path.starts_with("spec.infrastructure.annotations.[") && asks_for_address(path).is_some()
    };
    let stated = fields.filter(|(path, _)| is_address(path));
    stated.map(|(_, field)| field.value.as_str()).collect()
}

/// The port of a listener of a Gateway.
fn port_of<'a>(gateway: &'a OtherObject, listener: &str) -> Option<&'a str> {
    let (path, _) = gateway.fields.iter().find(|(path, field)| {
        path.starts_with("spec.listeners[") && path.ends_with(".name") && field.value == listener
    })?;
    let listener = path.strip_suffix(".name")?;
    value(gateway, &format!("{listener}.port"))
}

//! Routes without hosts that lead to a service: TCPRoute, UDPRoute, and others of Gateway API that state none.

use std::collections::BTreeSet;
use std::fmt;

use infra_model::object::OtherObject;
use infra_model::service::Service;

use super::load_balancers::asks_for_address;
use crate::Facts;
use crate::facts::{entries, mentioning};
use crate::graph::links::{object_named, release_of};

/// How a route leads to a service.
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
    /// The addresses that the Gateway asks for.
    pub addresses: Vec<&'a str>,
    /// The port of the Kubernetes Service that it leads to.
    pub to: Option<&'a str>,
}

impl fmt::Display for Exposure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gateway {}", self.gateway)?;
        if !self.addresses.is_empty() {
            write!(f, " at {}", self.addresses.join(", "))?;
        }
        if let Some(port) = self.port {
            write!(f, " port {port}")?;
        }
        if let Some(listener) = self.listener {
            write!(f, " (listener {listener}, {})", self.route)?;
        } else {
            write!(f, " ({})", self.route)?;
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
    let names: BTreeSet<&str> = service
        .dns
        .iter()
        .filter_map(|dns| dns.split('.').next())
        .chain(service.service_ports.iter().map(|port| port.service.as_str()))
        .collect();
    let mut found = BTreeSet::new();
    if service.workload.is_none() {
        for (key, route) in entries(facts.objects(), KINDS) {
            let is_meant = KINDS.contains(&route.kind.as_str()) && route.namespace == service.namespace;
            for name in backends(route).filter(|_| is_meant) {
                if !has_hosts(route) && is_of_release(facts, service, name) {
                    found.extend(of_route(facts, (key, route), name, &service.namespace));
                }
            }
        }
    }
    for name in names {
        for (key, route) in mentioning(facts.objects(), name) {
            if KINDS.contains(&route.kind.as_str()) && !has_hosts(route) {
                found.extend(of_route(facts, (key, route), name, &service.namespace));
            }
        }
    }
    found.into_iter().collect()
}

fn has_hosts(route: &OtherObject) -> bool {
    route.fields.keys().any(|path| path.starts_with("spec.hostnames"))
}

/// The Kubernetes Services that a route leads to.
fn backends(route: &OtherObject) -> impl Iterator<Item = &str> {
    let fields = route.fields.iter();
    let names = fields.filter(|(path, _)| path.contains(".backendRefs[") && path.ends_with(".name"));
    names.map(|(_, field)| field.value.as_str())
}

/// Whether a chart that is not at hand makes a Kubernetes Service, by its name: the release's, or one that begins with it and is of
/// no other service.
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
    let text = |path: &str| route.fields.get(path).map(|field| field.value.as_str());
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
        parent
            .starts_with("spec.parentRefs[")
            .then_some((parent, &field.value))
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

/// The addresses that a Gateway asks for itself, or for the Kubernetes Service that is made for it.
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
    let port = gateway.fields.get(&format!("{listener}.port"))?;
    Some(port.value.as_str())
}

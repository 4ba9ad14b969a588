//! Routes of the Gateway API: the hosts, Services and requests of HTTPRoutes and their like.

use std::collections::BTreeSet;

use super::{Hosts, Router};
use crate::inventory::{Inventory, Object};
use crate::kube_services::{Backend, KubeServices};
use crate::view::View;

const GATEWAY_API: &str = "gateway.networking.k8s.io";

impl Hosts {
    /// Adds the routes of the Gateway API.
    pub(super) fn add_gateway_routes<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        services: &KubeServices<'a>,
    ) {
        for object in inventory.of_kinds(GATEWAY_API, &["HTTPRoute", "GRPCRoute", "TLSRoute"]) {
            let router = Router::new(inventory, object, gateways(inventory.view(object)));
            for (host, to, requests) in gateway_route(inventory, object) {
                self.add_host(services, host, to, requests, &router);
            }
        }
        // Other routes without hosts are in the catalog of objects.
        let without_hosts = inventory.of_kinds(GATEWAY_API, &["TCPRoute", "UDPRoute"]);
        for object in without_hosts.filter(|object| object.is_of_chart()) {
            self.add_listeners(inventory, object, services);
        }
    }

    /// Adds the listeners of Gateways whose connections a route leads to Services.
    fn add_listeners<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        object: &'a Object<'a>,
        services: &KubeServices<'a>,
    ) {
        let router = Router::new(inventory, object, listeners(inventory, object));
        for rule in inventory.view(object).items_at(&["spec", "rules"]) {
            for (namespace, service, _) in backends(object, rule) {
                if let Some(Backend::Workloads(workloads)) = services.backend(namespace, service) {
                    for workload in workloads {
                        self.add_route(workload, router.route("", Vec::new()));
                    }
                }
            }
        }
    }
}

/// The Gateways that a route attaches to.
fn gateways(view: View<'_>) -> Option<String> {
    let parents = view.items_at(&["spec", "parentRefs"]);
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
        let listener = gateway_listeners(inventory, object, parent).next();
        let port = listener.and_then(|listener| listener.text_of("port"));
        let port = port.map(|port| format!(" port {port}")).unwrap_or_default();
        Some(format!("{name}{port}, listener {section}"))
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A host, namespace and name of a Service, and the requests that it gets.
type HostRoute<'a> = (&'a str, (&'a str, &'a str), Vec<String>);

/// The hosts of an HTTPRoute or its like, with their Services.
fn gateway_route<'a>(inventory: &Inventory<'a>, object: &Object<'a>) -> Vec<HostRoute<'a>> {
    let view = inventory.view(object);
    let mut names: Vec<&str> = view
        .items_at(&["spec", "hostnames"])
        .filter_map(View::text)
        .collect();
    if names.is_empty() {
        // The hosts of the Gateways' listeners (<https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec>).
        names = view
            .items_at(&["spec", "parentRefs"])
            .flat_map(|parent| gateway_listeners(inventory, object, parent))
            .filter_map(|listener| listener.text_of("hostname"))
            .collect();
    }
    let mut found = Vec::new();
    let rules = view.items_at(&["spec", "rules"]);
    let is_one_of_several = view
        .at(&["spec", "rules"])
        .is_some_and(|rules| rules.items().count() > 1);
    for rule in rules {
        let requests = requests(rule);
        for (namespace, service, port) in backends(object, rule) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let with_backend = |request: &String| match is_one_of_several {
                true => format!("{request} -> {service}{port}"),
                false => request.clone(),
            };
            let requests: Vec<String> = requests.iter().map(with_backend).collect();
            let hosts = names.iter();
            found.extend(hosts.map(|host| (*host, (namespace, service), requests.clone())));
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
    let backends = rule.items_of("backendRefs");
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

/// The requests that a rule matches: `/` for all
/// (<https://gateway-api.sigs.k8s.io/reference/spec/#httproutematch>).
fn requests(rule: View<'_>) -> Vec<String> {
    let matches = rule.items_of("matches");
    let texts = matches.map(|matched| {
        let mut words: Vec<String> = Vec::new();
        // The method of a GRPCRoute is a service and a method of it.
        let grpc = ["service", "method"].map(|part| matched.text_at(&["method", part]));
        match grpc {
            [None, None] => words.extend(matched.text_of("method").map(str::to_owned)),
            parts => words.push(parts.map(|part| part.unwrap_or("*")).join("/")),
        }
        if let Some(value) = matched.text_at(&["path", "value"]) {
            match matched.text_at(&["path", "type"]) {
                Some("Exact") => words.push(format!("={value}")),
                Some("RegularExpression") => words.push(format!("~{value}")),
                _ if value == "/" => {}
                _ => words.push(value.to_owned()),
            }
        }
        for (field, word) in [("headers", "header"), ("queryParams", "query")] {
            for pair in matched.items_of(field) {
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

/// The listeners of the Gateway that a route attaches to; only the one that it names, if it names one.
fn gateway_listeners<'a>(
    inventory: &Inventory<'a>,
    object: &Object<'a>,
    parent: View<'a>,
) -> impl Iterator<Item = View<'a>> + use<'a> {
    let namespace = parent.text_of("namespace").unwrap_or(object.namespace);
    let name = parent.text_of("name").unwrap_or_default();
    let gateway = inventory.find(GATEWAY_API, "Gateway", namespace, name);
    let listeners = gateway.and_then(|gateway| inventory.view(gateway).at(&["spec", "listeners"]));
    let section = parent.text_of("sectionName");
    listeners
        .into_iter()
        .flat_map(View::items)
        .filter(move |listener| section.is_none_or(|section| listener.text_of("name") == Some(section)))
}

//! HTTPRoutes and their like turn into hosts, Services and requests.

use std::collections::BTreeSet;

use super::{Hosts, Leading};
use crate::inventory::{Inventory, Object};
use crate::kube_services::{Backend, KubeServices};
use crate::view::View;

const GATEWAY_API: &str = "gateway.networking.k8s.io";

impl Hosts {
    /// Those of HTTPRoutes and their like.
    pub(super) fn gateway_routes<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for kind in ["HTTPRoute", "GRPCRoute", "TLSRoute"] {
            for object in inventory.of(GATEWAY_API, kind) {
                let by = Leading {
                    inventory,
                    object,
                    through: gateways(inventory.view(object)),
                };
                for (host, to, requests) in gateway_route(inventory, object) {
                    self.lead(services, host, to, requests, &by);
                }
            }
        }
        for kind in ["TCPRoute", "UDPRoute"] {
            // Of others the catalogs have the route itself.
            let of_charts = inventory
                .of(GATEWAY_API, kind)
                .filter(|object| object.is_of_chart());
            for object in of_charts {
                self.lead_without_host(inventory, object, services);
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

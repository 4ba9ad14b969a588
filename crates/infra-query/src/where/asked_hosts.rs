//! Facts about a host or its path: routes, records, Gateways, variables in it.

use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::exposure::addresses;
use super::fact::{Told, fact, last};
use super::load_balancers;
use crate::config::{ReadVariable, read_in};
use crate::facts::mentioning;
use crate::find::host;
use crate::network::{Names, records};
use crate::question::lower;
use crate::text::listed;
use crate::{Facts, Subject};

/// The host that a term names, in lower case.
pub(super) fn asked_host(term: &str) -> Option<String> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    name.contains('.').then(|| name.to_owned())
}

/// The Gateways through which requests reach a service, with the addresses that they request. Addresses of the
/// Kubernetes Service of a Gateway are only shown if the question is about a host.
pub(super) fn gateways(facts: &dyn Facts, service: &Service, is_host: bool) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    for through in service.routes.iter().filter_map(|route| route.through.as_deref()) {
        let name = through.rsplit('/').next().unwrap_or(through);
        let gateways = mentioning(facts.objects(), name);
        let mut gateways = gateways.filter(|(_, object)| object.kind == "Gateway" && object.name == name);
        let Some((_, gateway)) = gateways.next() else {
            continue;
        };
        let mut paths = gateway.fields.keys();
        let own = paths.any(|path| path.starts_with("spec.addresses["));
        let addresses = match own || is_host {
            true => addresses(gateway),
            false => Vec::new(),
        };
        let text = format!("{name} at {}", addresses.join(", "));
        if !addresses.is_empty() && !found.iter().any(|known| known.text == text) {
            found.push(fact("gateway", text, None));
        }
    }
    found
}

/// The variables in hosts and addresses, with their values or, if these are encrypted, their definitions.
pub(super) fn variables_of_hosts(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
) -> Vec<Told> {
    let balancers = service.load_balancers.iter();
    let addresses = balancers.flat_map(|balancer| &balancer.addresses);
    let hosts = service.hosts.iter().chain(addresses).map(String::as_str);
    let of_release = release.into_iter().flat_map(load_balancers::addresses);
    let written: Vec<&str> = hosts.chain(of_release).collect();
    let read = read_in(facts, service.kustomization.as_deref(), &written.join(" "));
    let facts = read.into_iter().map(
        |ReadVariable {
             name, definitions, ..
         }| {
            let Some(first) = definitions.first() else {
                let text = "nothing here defines it for this Kustomization";
                return fact(name, text.to_owned(), None);
            };
            let text = match &first.value {
                Some(value) => value.clone(),
                None => format!("not shown, from {}", first.by),
            };
            fact(name, text, first.source.clone())
        },
    );
    facts.collect()
}

/// A host without the suffix of names in the cluster.
pub(super) fn in_cluster(host: &str) -> &str {
    host.strip_suffix(".svc.cluster.local").unwrap_or(host)
}

/// The backend of the path of a URL, by the rules of a route.
pub(super) fn rule(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
    term: &str,
) -> Option<Told> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    let (_, path) = asked.split_once(name)?;
    let path = path.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_url = name.contains('.') && path.len() > 1 && path.starts_with('/');
    if !is_url || !service.hosts.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return None;
    }
    let routes = service.routes.iter().filter_map(|route| {
        let mut objects = mentioning(facts.objects(), &route.name);
        let found = objects.find(|(_, object)| object.kind == route.kind && object.name == route.name)?;
        Some((&found.1.fields, found.1.source.as_ref()))
    });
    let values = release.map(|release| (&release.values, release.source.as_ref()));
    let mut best: Option<(usize, Told)> = None;
    let mut has_rules = false;
    for (fields, source) in values.into_iter().chain(routes) {
        for (at, field) in fields {
            let is_rule = at.ends_with(".path.value") || (last(at) == "path" && at.contains("paths["));
            has_rules |= is_rule;
            let own = field.value.to_lowercase();
            let own = own.trim_end_matches('/');
            let is_within = path
                .strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if !is_rule || !is_within || best.as_ref().is_some_and(|(length, _)| *length >= own.len()) {
                continue;
            }
            let above = match at.find(".matches[") {
                Some(end) => at.get(..end),
                None => at.strip_suffix(".path"),
            };
            let Some(above) = above else { continue };
            let backend = fields.iter().filter(|(path, _)| {
                path.strip_prefix(above)
                    .is_some_and(|rest| rest.to_ascii_lowercase().contains("backend"))
            });
            let backend: Vec<(&String, &ObjectField)> = backend.collect();
            let words: Vec<String> = backend
                .iter()
                .map(|(path, field)| format!("{} {}", last(path), field.value))
                .collect();
            let place = backend.last().and_then(|(_, field)| field.place(source));
            let text = format!("{} -> {}", field.value, words.join(", "));
            best = Some((own.len(), fact("path", text, place)));
        }
    }
    let none = || fact("path", format!("{path}: no rule of the route is for it"), None);
    match best {
        Some((_, best)) => Some(best),
        // Without rules, all paths have the same backend.
        None => has_rules.then(none),
    }
}

/// The DNS records of a host with the services behind them, and the objects that make routes for it.
pub(super) fn of_host(facts: &dyn Facts, term: &str) -> Vec<Told> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    if !name.contains('.') {
        return Vec::new();
    }
    let records = records(facts);
    let own = records.iter().filter(|record| record.name == name);
    let lines = own.map(|record| {
        let services = facts.services().iter();
        let behind = services.filter(|(key, service)| {
            let names = Names::of_subject(facts, Subject::Service(key, service), &[]);
            let mut names = names.plain();
            names.any(|name| record.targets.iter().any(|target| target == name))
        });
        let behind: Vec<&str> = behind.map(|(key, _)| key).collect();
        let text = format!(
            "{} {}{}, {}",
            record.kind,
            record.targets.join(", "),
            listed(" -> ", &behind),
            record.object
        );
        fact(name, text, record.place.clone())
    });
    let mut found: Vec<Told> = lines.collect();
    // Operators make routes for the hosts of their resources.
    for (key, object) in mentioning(facts.objects(), name) {
        let is_host = |path: &str| path.contains("hostnames[") || ["host", "hostname"].contains(&last(path));
        let mut fields = object.fields.iter();
        let host = fields.find(|(path, field)| field.value.eq_ignore_ascii_case(name) && is_host(path));
        let is_route =
            object.kind.ends_with("Route") || matches!(object.kind.as_str(), "Ingress" | "VirtualService");
        if let Some((path, field)) = host.filter(|_| !is_route) {
            let place = field.place(object.source.as_ref());
            found.push(fact(name, format!("{path} of {key}"), place));
        }
    }
    found
}

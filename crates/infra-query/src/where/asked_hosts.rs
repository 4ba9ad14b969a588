//! What a host or a path of it leads to: routes, records, Gateways, the variables it is made of.

use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::exposure::addresses;
use super::load_balancers;
use super::told::{last, told};
use crate::facts::mentioning;
use crate::find::host;
use crate::network::{Names, records};
use crate::question::lower;
use crate::r#where::Told;
use crate::{Facts, Subject};

/// The host that a term names, in lower case.
pub(super) fn asked_host(term: &str) -> Option<String> {
    let asked = lower(term.trim()).into_owned();
    let name = host(&asked);
    name.contains('.').then(|| name.to_owned())
}

/// The Gateways through which requests reach a service, with the addresses that they ask for.
/// Those of the Kubernetes Service that is made for one only who asks for a host wants to know.
pub(super) fn gateways(facts: &dyn Facts, service: &Service, is_host: bool) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    for through in service.routes.iter().filter_map(|route| route.through.as_deref()) {
        let name = through.rsplit('/').next().unwrap_or(through);
        let gateways = mentioning(facts.objects(), name);
        let mut gateways = gateways.filter(|(_, object)| object.kind == "Gateway" && object.name == name);
        let Some((_, gateway)) = gateways.next() else {
            continue;
        };
        let own = gateway
            .fields
            .keys()
            .any(|path| path.starts_with("spec.addresses["));
        let addresses = match own || is_host {
            true => addresses(gateway),
            false => Vec::new(),
        };
        let text = format!("{name} at {}", addresses.join(", "));
        if !addresses.is_empty() && !found.iter().any(|known| known.text == text) {
            found.push(told("gateway", text, None));
        }
    }
    found
}

/// Where the values of variables in hosts are, which nobody may read here.
pub(super) fn variables_of_hosts(
    facts: &dyn Facts,
    service: &Service,
    release: Option<&HelmRelease>,
) -> Vec<Told> {
    let addresses = service
        .load_balancers
        .iter()
        .flat_map(|balancer| &balancer.addresses);
    let written: Vec<&str> = service
        .hosts
        .iter()
        .chain(addresses)
        .map(String::as_str)
        .chain(release.into_iter().flat_map(load_balancers::addresses))
        .collect();
    let read = crate::config::read_in(facts, service.kustomization.as_deref(), &written.join(" "));
    let text = |read: crate::config::ReadVariable<'_>| match read.definitions.first() {
        Some(first) if first.value.is_none() => told(
            read.name,
            format!("not shown, from {}", first.by),
            first.source.clone(),
        ),
        Some(first) => told(
            read.name,
            first.value.clone().unwrap_or_default(),
            first.source.clone(),
        ),
        None => told(
            read.name,
            "nothing here defines it for this Kustomization".to_owned(),
            None,
        ),
    };
    read.into_iter().map(text).collect()
}

/// A host without what names of the cluster end with.
pub(super) fn in_cluster(host: &str) -> &str {
    host.strip_suffix(".svc.cluster.local").unwrap_or(host)
}

/// Where a path of a URL leads, by the rules of a route.
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
            best = Some((own.len(), told("path", text, place)));
        }
    }
    let none = || told("path", format!("{path}: no rule of the route is for it"), None);
    match best {
        Some((_, told)) => Some(told),
        // Without rules the host leads to the same for every path.
        None => has_rules.then(none),
    }
}

/// The DNS records of a host, with the service behind their address, and the objects that make routes of it.
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
            let names = Names::of(facts, Subject::Service(key, service), &[]);
            names
                .plain()
                .any(|name| record.targets.iter().any(|target| target == name))
        });
        let behind: Vec<&str> = behind.map(|(key, _)| key).collect();
        let behind = match behind.is_empty() {
            true => String::new(),
            false => format!(" -> {}", behind.join(", ")),
        };
        let text = format!(
            "{} {}{behind}, {}",
            record.kind,
            record.targets.join(", "),
            record.object
        );
        told(name, text, record.place.clone())
    });
    let mut found: Vec<Told> = lines.collect();
    // Operators make routes of their own, as the hosts of a resource say.
    for (key, object) in mentioning(facts.objects(), name) {
        let is_host = |path: &str| path.contains("hostnames[") || ["host", "hostname"].contains(&last(path));
        let route = object
            .fields
            .iter()
            .find(|(path, field)| field.value.eq_ignore_ascii_case(name) && is_host(path));
        let is_made =
            object.kind.ends_with("Route") || matches!(object.kind.as_str(), "Ingress" | "VirtualService");
        if let Some((path, field)) = route.filter(|_| !is_made) {
            found.push(told(
                name,
                format!("{path} of {key}"),
                field.place(object.source.as_ref()),
            ));
        }
    }
    found
}

//! Users of hosts and addresses: services, values of charts, ConfigMaps, stores of secrets, other objects.

use std::collections::BTreeSet;

use infra_model::config::ConfigValue;
use infra_model::dependency::Target;
use infra_model::fields::Fields;
use infra_model::object::ObjectField;
use infra_model::{Place, Written};

use super::{Names, is_among};
use crate::facts::{entries, is_searchable};
use crate::graph::links::release_of;
use crate::{Facts, Node, Subject};

/// A user of a host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Naming<'a> {
    /// The user.
    pub(crate) by: Node<'a>,
    /// Field and text, such as `values env.OIDC_URL=https://id.example.org`.
    pub(crate) evidence: String,
    /// The DNS record by which the host leads to the subject, if any.
    pub(crate) how: String,
    /// The line that names it.
    pub(crate) place: Option<Place>,
    /// Whether it is only a mention for people and tools, as in an annotation.
    pub(crate) is_mention: bool,
}

/// Kinds that define where a host leads, and do not use it.
const LEADING: &[&str] = &[
    "DNSEndpoint",
    "Gateway",
    "GRPCRoute",
    "HTTPRoute",
    "Ingress",
    "IngressRoute",
    "IngressRouteTCP",
    "Certificate",
    "Service",
    "TCPRoute",
    "TLSRoute",
    "VirtualService",
];

/// The users of some names, once for each place.
pub(crate) fn naming<'a>(facts: &'a dyn Facts, names: &Names) -> Vec<Naming<'a>> {
    if names.is_empty() {
        return Vec::new();
    }
    let texts = names.texts();
    let texts: &[&str] = match texts.iter().all(|text| is_searchable(text)) {
        true => &texts,
        false => &[],
    };
    let mut found = Vec::new();
    services(facts, names, texts, &mut found);
    releases(facts, names, texts, &mut found);
    config_maps(facts, names, texts, &mut found);
    stores(facts, names, texts, &mut found);
    for (key, object) in entries(facts.objects(), texts) {
        if LEADING.contains(&object.kind.as_str()) {
            continue;
        }
        // Of services, the dependencies have the Kubernetes Services that they name.
        let by_service = || {
            let is_service = |field: &ObjectField| is_among(&names.services, &field.value, &object.namespace);
            let (path, field) = object.fields.iter().find(|(_, field)| is_service(field))?;
            Some((path.as_str(), field, ""))
        };
        let stated = first_field(names, &object.fields, &object.namespace, |_| true).or_else(by_service);
        if let Some((path, field, how)) = stated {
            found.push(Naming {
                by: Node::Object(key),
                evidence: format!("{path}={}", line_with(names, &field.value)),
                how: how.to_owned(),
                place: field.place(object.source.as_ref()),
                is_mention: path.contains("annotations.") || path.contains("labels."),
            });
        }
    }
    found
}

fn services<'a>(facts: &'a dyn Facts, names: &Names, texts: &[&str], found: &mut Vec<Naming<'a>>) {
    for (key, service) in entries(facts.services(), texts) {
        let before = found.len();
        for dependency in &service.depends_on {
            let Target::External(target) = &dependency.target else {
                continue;
            };
            if let Some((_, how)) = names.leads(target) {
                found.push(Naming {
                    by: Node::Service(key),
                    evidence: dependency.evidence.clone(),
                    how: how.to_owned(),
                    place: dependency.place(),
                    is_mention: false,
                });
            }
        }
        if found.len() > before {
            continue;
        }
        let is_own = |name: &str| service.hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
        for variable in &service.env {
            let Some(value) = &variable.value else { continue };
            if let Some((name, how)) = names.in_text(value)
                && !is_own(name)
            {
                found.push(Naming {
                    by: Node::Service(key),
                    evidence: format!("env {}={}", variable.name, line_with(names, value)),
                    how: how.to_owned(),
                    place: service.source.clone(),
                    is_mention: false,
                });
                break;
            }
        }
        if found.len() > before {
            continue;
        }
        // Pods do not start without the registry of their images.
        let pulled = service.images.iter().find_map(|image| {
            let (registry, _) = image.split_once('/')?;
            Some((image, names.in_text(registry)?))
        });
        if let Some((image, (_, how))) = pulled.filter(|(_, (name, _))| !is_own(name)) {
            found.push(Naming {
                by: Node::Service(key),
                // A digest behind a tag means nothing to people.
                evidence: format!("image {}", image.split("@sha256:").next().unwrap_or(image)),
                how: how.to_owned(),
                place: service.source.clone(),
                is_mention: false,
            });
        }
    }
}

fn releases<'a>(facts: &'a dyn Facts, names: &Names, texts: &[&str], found: &mut Vec<Naming<'a>>) {
    for (key, release) in entries(facts.helm_releases(), texts) {
        let mut workloads = release.workloads.iter();
        let service = workloads.find_map(|workload| facts.services().get_key_value(workload));
        let service = service.or_else(|| {
            let of_name = entries(facts.services(), &[release.name.as_str()]);
            let mut own = of_name.filter(|(_, service)| service.workload.is_none());
            own.find(|(_, service)| release_of(facts, service).is_some_and(|(own, _)| own == key))
        });
        let by = service.map_or(Node::HelmRelease(key), |(key, _)| Node::Service(key));
        if found.iter().any(|known| known.by == by) {
            continue;
        }
        let own = service.map_or(&[][..], |(_, service)| service.hosts.as_slice());
        let first = |is_mention: bool| {
            let accepts = |path: &str| (is_mention || !is_metadata(path)) && !is_route(path);
            let found = first_field(names, &release.values, &release.release_namespace, accepts)?;
            Some((found, is_mention))
        };
        let Some(((path, field, how), is_mention)) = first(false).or_else(|| first(true)) else {
            continue;
        };
        let is_own = |name: &str| own.iter().any(|host| host.eq_ignore_ascii_case(name));
        if names.in_text(&field.value).is_some_and(|(name, _)| is_own(name)) {
            continue;
        }
        found.push(Naming {
            by,
            evidence: format!("values {path}={}", line_with(names, &field.value)),
            how: how.to_owned(),
            place: field.place(release.source.as_ref()),
            is_mention,
        });
    }
}

fn config_maps<'a>(facts: &'a dyn Facts, names: &Names, texts: &[&str], found: &mut Vec<Naming<'a>>) {
    for (key, map) in entries(facts.config_maps(), texts) {
        for (entry, value) in &map.keys {
            let (text, is_file) = match value {
                ConfigValue::Text(text) => (text.value(), false),
                ConfigValue::File { text: Some(text), .. } => (text.as_str(), true),
                _ => continue,
            };
            let Some((_, how)) = names.in_text(text) else {
                continue;
            };
            let place = map.places.get(entry).or(map.source.as_ref());
            let readers = map.usage.iter().filter(|usage| {
                let read = usage.key.as_deref();
                read.is_none_or(|key| key == entry)
            });
            let readers = readers.filter_map(|usage| usage.service.as_deref());
            if is_file {
                // It may list hosts that its reader works without.
                let readers: BTreeSet<&str> = readers.collect();
                let readers: Vec<&str> = readers.into_iter().collect();
                if !readers.is_empty() {
                    found.push(Naming {
                        by: Node::ConfigMap(key),
                        evidence: format!("{entry}={}", line_with(names, text)),
                        how: format!("read by {}", readers.join(", ")),
                        place: place.cloned(),
                        is_mention: true,
                    });
                }
                continue;
            }
            for service in readers {
                let by = Node::Service(service);
                if found.iter().any(|known| known.by == by) {
                    continue;
                }
                found.push(Naming {
                    by,
                    evidence: format!("ConfigMap {} {entry}={text}", map.name),
                    how: how.to_owned(),
                    place: place.cloned(),
                    is_mention: false,
                });
            }
        }
    }
}

/// Of a text of several lines the one with a name.
fn line_with<'v>(names: &Names, value: &'v str) -> &'v str {
    let mut lines = value.lines();
    let line = lines.find(|line| names.in_text(line).is_some());
    line.map_or(value, str::trim)
}

fn stores<'a>(facts: &'a dyn Facts, names: &Names, texts: &[&str], found: &mut Vec<Naming<'a>>) {
    let mut add = |subject: Subject<'a>, label: &str, address: Option<&str>| {
        if let Some((address, (_, how))) = address.and_then(|it| Some((it, names.leads(it)?))) {
            found.push(Naming {
                by: Node::from(subject),
                evidence: format!("{label}={address}"),
                how: how.to_owned(),
                place: subject.place().cloned(),
                is_mention: false,
            });
        }
    };
    let written = |text: &'a Option<Written>| text.as_ref().map(Written::value);
    for (key, store) in entries(facts.secret_stores(), texts) {
        add(Subject::SecretStore(key, store), "server", written(&store.server));
    }
    for (key, class) in entries(facts.secret_provider_classes(), texts) {
        let address = written(&class.vault_address);
        add(Subject::SecretProviderClass(key, class), "vaultAddress", address);
    }
    for (key, secret) in entries(facts.vault_secrets(), texts) {
        let address = secret.address.as_deref();
        add(Subject::VaultSecret(key, secret), "address", address);
    }
}

/// The first accepted field with one of the names.
fn first_field<'a, 'n>(
    names: &'n Names,
    fields: &'a Fields,
    namespace: &str,
    accepts: impl Fn(&str) -> bool,
) -> Option<(&'a str, &'a ObjectField, &'n str)> {
    let accepted = fields.iter().filter(|(path, _)| accepts(path));
    let mut found = accepted.filter_map(|(path, field)| {
        let release = || is_among(&names.releases, &field.value, namespace).then_some(("", ""));
        let (_, how) = names
            .in_text(&field.value)
            .or_else(|| names.leads(&field.value))
            .or_else(release)?;
        Some((path.as_str(), field, how))
    });
    found.next()
}

/// Whether a path among values is that of an annotation, a label or a host alias.
fn is_metadata(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["annotations.", "labels.", "hostaliases["]
        .iter()
        .any(|part| path.contains(part))
}

/// Whether a path among values is that of a route to the chart's own workload.
fn is_route(path: &str) -> bool {
    let parts = path.split(['.', '[']);
    parts.into_iter().any(|part| {
        let part = part.to_ascii_lowercase();
        ["ingress", "httproute", "virtualservice"]
            .iter()
            .any(|start| part.starts_with(start))
            || ["route", "routes", "hostnames", "gateway", "gateways"].contains(&part.as_str())
    })
}

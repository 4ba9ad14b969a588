//! Network names of subjects, and their users.
//!
//! A subject is reached by the hosts of its routes, the addresses of its load balancers, DNS records that lead to
//! either, and the Services that its operator makes.

mod naming;
mod operators;
mod records;

use std::collections::{BTreeMap, BTreeSet};

use infra_model::pods::LoadBalancer;

use crate::find::host;
use crate::graph::links::release_of;
use crate::{Facts, Subject};

pub(crate) use naming::{Naming, naming};
pub(crate) use operators::{behind, of_secret};
pub(crate) use records::{Record, records};

use operators::{Resource, resource};

/// The field of a Service that requests an address; charts name it likewise.
const ADDRESS_FIELD: &str = "loadBalancerIP";

/// Names by which subjects are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Hosts and addresses in lower case, each with the DNS record that leads there, if any.
    plain: BTreeMap<String, String>,
    /// Resources of operators, whose Services are named after them.
    resources: BTreeSet<Resource>,
    /// Names and namespaces of HelmReleases whose charts are not available: their Services mostly have the same name.
    releases: BTreeSet<(String, String)>,
    /// Names and namespaces of Kubernetes Services.
    services: BTreeSet<(String, String)>,
}

impl Names {
    /// A host or address, with the names that lead to it.
    pub(crate) fn of_host(facts: &dyn Facts, name: &str) -> Self {
        let mut names = Names::default();
        names.add(name, String::new());
        names.resolve(&records(facts));
        names
    }

    /// Services of a name that no object of the repository has, in any namespace.
    pub(crate) fn of_services_called(name: &str) -> Self {
        let resources = BTreeSet::from([operators::of_name(&name.to_ascii_lowercase())]);
        Names {
            resources,
            ..Names::default()
        }
    }

    /// The names of a subject.
    pub(crate) fn of_subject(facts: &dyn Facts, subject: Subject<'_>, records: &[Record<'_>]) -> Self {
        let mut names = Names::default();
        match subject {
            Subject::Service(_, service) => {
                let addresses = service.load_balancers.iter().flat_map(|it| &it.addresses);
                for name in service.hosts.iter().chain(addresses) {
                    names.add(name, String::new());
                }
                for dns in &service.dns {
                    let mut parts = dns.split('.');
                    if let (Some(name), Some(namespace)) = (parts.next(), parts.next()) {
                        names.services.insert((name.to_owned(), namespace.to_owned()));
                    }
                }
                // Services and addresses of a chart that is not available.
                if let Some((_, release)) = release_of(facts, service) {
                    if release.is_chart_unknown() {
                        let own = (
                            release.name.to_ascii_lowercase(),
                            release.release_namespace.clone(),
                        );
                        names.releases.insert(own);
                    }
                    let keys = || LoadBalancer::ADDRESS_ANNOTATIONS.iter().chain([&ADDRESS_FIELD]);
                    let is_address = |path: &str| keys().any(|key| ends_with_key(path, key));
                    let stated = release.values.iter().filter(|(path, _)| is_address(path));
                    for address in stated.flat_map(|(_, field)| field.value.split(',')) {
                        names.add(address.trim(), String::new());
                    }
                }
            }
            Subject::Object(_, object) => names.resources.extend(resource(facts, object)),
            Subject::External(name) => names.add(name, String::new()),
            _ => {}
        }
        names.resolve(records);
        names
    }

    fn add(&mut self, name: &str, how: String) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        // A name with one label means another host in each namespace.
        if name.contains(['.', ':']) && !name.contains(['*', '$', '<']) {
            self.plain.entry(name).or_insert(how);
        }
    }

    /// Adds the names of records that lead to known ones, also through others.
    fn resolve(&mut self, records: &[Record<'_>]) {
        const MOST_RECORDS: usize = 4;
        for _ in 0..MOST_RECORDS {
            let before = self.plain.len();
            for record in records {
                let target = record
                    .targets
                    .iter()
                    .find(|target| self.plain.contains_key(*target));
                if let Some(target) = target {
                    self.add(&record.name, format!("{} -> {target}", record.object));
                }
            }
            if self.plain.len() == before {
                break;
            }
        }
    }

    /// Adds other names.
    pub(crate) fn extend(&mut self, other: Names) {
        for (name, how) in other.plain {
            self.plain.entry(name).or_insert(how);
        }
        self.resources.extend(other.resources);
        self.releases.extend(other.releases);
        self.services.extend(other.services);
    }

    /// Only the names that other clusters can reach, without those that are known.
    pub(crate) fn outside(mut self, known: &Names) -> Self {
        self.plain
            .retain(|name, _| !known.plain.contains_key(name) && !is_in_cluster(name));
        Names {
            plain: self.plain,
            ..Names::default()
        }
    }

    /// Whether there are no names.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty()
            && self.resources.is_empty()
            && self.releases.is_empty()
            && self.services.is_empty()
    }

    /// The hosts and addresses.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &str> {
        self.plain.keys().map(String::as_str)
    }

    /// Texts of which one occurs in every text that names one of them.
    fn texts(&self) -> Vec<&str> {
        self.plain()
            .chain(self.resources.iter().map(|resource| resource.name.as_str()))
            .chain(self.releases.iter().map(|(name, _)| name.as_str()))
            .chain(self.services.iter().map(|(name, _)| name.as_str()))
            .collect()
    }

    /// The first of the names in a text, with its DNS record.
    fn in_text(&self, text: &str) -> Option<(&str, &str)> {
        words(text).find_map(|word| {
            let word = word.to_ascii_lowercase();
            self.plain
                .get_key_value(word.as_str())
                .map(|(name, how)| (name.as_str(), how.as_str()))
        })
    }

    /// Like [`Names::in_text`], for a host, which may be that of a Service of an operator.
    fn leads(&self, host_or_url: &str) -> Option<(&str, &str)> {
        let host = host(host_or_url).to_ascii_lowercase();
        if let Some((name, how)) = self.plain.get_key_value(host.as_str()) {
            return Some((name, how));
        }
        let found = self.resources.iter().find(|resource| resource.has_service(&host));
        found.map(|resource| (resource.name.as_str(), ""))
    }
}

/// Whether the host of a URL in a namespace is one of some Services, given by name and namespace.
fn is_among(known: &BTreeSet<(String, String)>, url: &str, namespace: &str) -> bool {
    if known.is_empty() || !url.contains("://") {
        return false;
    }
    let host = host(url).to_ascii_lowercase();
    let (name, rest) = host.split_once('.').unwrap_or((&host, namespace));
    let own = rest.split('.').next().unwrap_or_default();
    let is_local = rest == own || rest.get(own.len()..).is_some_and(|rest| rest.starts_with(".svc"));
    is_local && known.contains(&(name.to_owned(), own.to_owned()))
}

/// Whether a path ends with a key, which is in brackets if it has dots.
fn ends_with_key(path: &str, key: &str) -> bool {
    let path = path.strip_suffix(']').unwrap_or(path);
    path.strip_suffix(key)
        .is_some_and(|before| before.is_empty() || before.ends_with(['.', '[']))
}

/// Whether a name is in the cluster's own DNS.
fn is_in_cluster(name: &str) -> bool {
    name.ends_with(".svc") || name.contains(".svc.")
}

/// The words of a text that may be hosts or addresses.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| word.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_between_other_characters() {
        let found: Vec<&str> = words("mqtt://u:p@mqtt.acme.io:1883, 10.0.0.5/24 x (a.b.)").collect();
        assert_eq!(found, ["mqtt.acme.io", "10.0.0.5", "a.b"]);
    }

    #[test]
    fn keys_end_paths() {
        assert!(ends_with_key(
            "service.a.annotations.[lbipam.cilium.io/ips]",
            "lbipam.cilium.io/ips"
        ));
        assert!(ends_with_key("service.loadBalancerIP", "loadBalancerIP"));
        assert!(!ends_with_key("service.noloadBalancerIP", "loadBalancerIP"));
    }
}

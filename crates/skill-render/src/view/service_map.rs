//! The service map: namespaces, ambiguous names, and places that decide images.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::facts::{Facts, Head, Rows, listed, notes};
use super::platform::Found;

/// Names in a cell.
const NAMES: usize = 12;

#[derive(Debug, Serialize)]
pub(crate) struct ServiceMap {
    pub(crate) sample: Option<Sample>,
    /// Namespaces of all clusters together.
    pub(crate) namespaces: Vec<Namespace>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// An entry of `services.json`.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) key: String,
    pub(crate) namespace: String,
    pub(crate) deployment: Option<String>,
    pub(crate) flux_path: Option<String>,
    pub(crate) helm_release: Option<String>,
    pub(crate) kustomization: Option<String>,
    pub(crate) description: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    pub(crate) namespaces: Rows<Namespace>,
    pub(crate) image_groups: Rows<ImageGroup>,
    pub(crate) ambiguous: Rows<AmbiguousName>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    /// Purpose: curated, else from the components in it.
    pub(crate) purpose: Option<String>,
    pub(crate) count: usize,
    /// Keys of its services.
    pub(crate) services: Vec<String>,
    /// Names of its services, each once.
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ImageGroup {
    pub(crate) key: String,
    pub(crate) file: String,
    pub(crate) kind: &'static str,
    pub(crate) tag: Option<String>,
    pub(crate) services: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AmbiguousName {
    pub(crate) map: String,
    pub(crate) name: String,
    pub(crate) keys: Vec<String>,
}

pub(crate) fn view(all: &[Facts<'_>], example: Option<&Example>) -> ServiceMap {
    ServiceMap {
        sample: example.and_then(|example| sample(all, &example.key)),
        namespaces: merged(all),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["service-map", "services", "serviceMap"]),
    }
}

fn sample(all: &[Facts<'_>], key: &str) -> Option<Sample> {
    let service = all.iter().find_map(|facts| facts.infra.services.get(key))?;
    Some(Sample {
        key: key.to_owned(),
        namespace: service.namespace.clone(),
        deployment: service.deployment.clone(),
        flux_path: service.flux_path.clone(),
        helm_release: service.helm_release.clone(),
        kustomization: service.kustomization.clone(),
        description: service.description.clone(),
    })
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let groups = facts.infra.image_groups.iter().map(|(key, group)| ImageGroup {
        key: key.clone(),
        file: group.file.to_string(),
        kind: group.kind.as_str(),
        tag: group.tag.clone(),
        services: listed(&group.services, NAMES),
    });
    let ambiguous = facts.infra.ambiguous.iter().flat_map(|(map, names)| {
        names.iter().map(|(name, keys)| AmbiguousName {
            map: map.clone(),
            name: name.clone(),
            keys: listed(keys, NAMES),
        })
    });
    Cluster {
        head: facts.head.clone(),
        namespaces: facts.rows(ordered(namespaces(facts))),
        image_groups: facts.rows(groups),
        ambiguous: facts.rows(ambiguous),
    }
}

/// The namespaces of all clusters. A name in several clusters is one row.
fn merged(all: &[Facts<'_>]) -> Vec<Namespace> {
    let mut by_name: BTreeMap<String, Namespace> = BTreeMap::new();
    for facts in all {
        for namespace in namespaces(facts) {
            match by_name.get_mut(&namespace.name) {
                Some(other) => {
                    other.count += namespace.count;
                    other.purpose = other.purpose.take().or(namespace.purpose);
                    other.services.extend(namespace.services);
                    other.names.extend(namespace.names);
                    for own in [&mut other.services, &mut other.names] {
                        own.sort();
                        own.dedup();
                    }
                }
                None => {
                    by_name.insert(namespace.name.clone(), namespace);
                }
            }
        }
    }
    ordered(by_name.into_values().collect())
}

/// Sorts namespaces with most services first, and cuts long cells.
fn ordered(mut namespaces: Vec<Namespace>) -> Vec<Namespace> {
    namespaces.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
    for namespace in &mut namespaces {
        namespace.services = listed(&namespace.services, NAMES);
        namespace.names = listed(&namespace.names, NAMES);
    }
    namespaces
}

fn namespaces(facts: &Facts<'_>) -> Vec<Namespace> {
    let infra = facts.infra;
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (key, service) in &infra.services {
        services.entry(&service.namespace).or_default().push(key.clone());
    }
    for kustomization in infra.kustomizations.values() {
        services.entry(&kustomization.namespace).or_default();
    }
    // A namespace that people describe gets a row even if the scan finds nothing in it.
    for name in infra.knowledge.namespaces.keys() {
        services.entry(name).or_default();
    }
    services
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, services)| Namespace {
            name: name.to_owned(),
            purpose: purpose(facts, name, services.len()),
            count: services.len(),
            names: names(facts, &services),
            services,
        })
        .filter(|namespace| namespace.count > 0 || namespace.purpose.is_some())
        .collect()
}

fn names(facts: &Facts<'_>, keys: &[String]) -> Vec<String> {
    let services = keys.iter().filter_map(|key| facts.infra.services.get(key));
    let names: BTreeSet<_> = services.map(|service| service.name.clone()).collect();
    names.into_iter().collect()
}

fn purpose(facts: &Facts<'_>, namespace: &str, services: usize) -> Option<String> {
    let infra = facts.infra;
    if let Some(noted) = infra.knowledge.namespaces.get(namespace) {
        return Some(noted.value.clone());
    }
    let holds_flux = infra.kustomizations.values().any(|k| k.namespace == namespace)
        && infra.sources.values().any(|source| source.namespace == namespace);
    if holds_flux && namespace == "flux-system" {
        return Some("Flux controllers and sources".to_owned());
    }
    let here = facts.found.iter().filter(|found| found.namespace == namespace);
    let mut here: Vec<&Found<'_>> = here.collect();
    here.sort_by_key(|found| (found.component.id != namespace, found.rank));
    let first = here.first()?;
    // A namespace named after a component serves it, whatever else is in it.
    let is_named_after = first.component.id == namespace;
    // A component says little about a namespace that contains mostly other services.
    if !is_named_after && here.len() * 2 < services {
        return None;
    }
    if is_named_after || here.len() == 1 {
        return Some(first.component.role.to_owned());
    }
    let titles = here.iter().map(|found| found.component.title.to_owned());
    let mut titles: Vec<_> = titles.collect();
    titles.dedup();
    Some(listed(&titles, 4).join(", "))
}

#[cfg(test)]
mod tests {
    use infra_model::Infrastructure;
    use infra_model::flux::HelmRelease;
    use infra_model::knowledge::Noted;
    use infra_model::service::Service;
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn purposes_are_curated_else_recognised_else_absent() {
        let mut infra = Infrastructure::default();
        for (name, namespace, chart) in [
            ("loki", "loki", "loki"),
            ("grafana", "monitoring", "grafana"),
            ("kube-prometheus-stack", "monitoring", "kube-prometheus-stack"),
        ] {
            let release = HelmRelease {
                name: name.into(),
                namespace: namespace.into(),
                release_namespace: namespace.into(),
                chart: Some(chart.into()),
                ..HelmRelease::default()
            };
            infra.helm_releases.insert(name.into(), release);
        }
        for (name, namespace) in [
            ("loki", "loki"),
            ("grafana", "monitoring"),
            ("api", "apps"),
            ("web", "apps"),
            ("x", "y"),
        ] {
            let service = Service {
                name: name.into(),
                namespace: namespace.into(),
                ..Service::default()
            };
            infra.services.insert(name.into(), service);
        }
        let noted = Noted {
            value: "Core services".to_owned(),
            place: None,
        };
        infra.knowledge.namespaces.insert("apps".into(), noted);
        let view = view(&[Facts::new(None, &infra, 10)], None);
        let rows: Vec<_> = view
            .namespaces
            .iter()
            .map(|row| (row.name.as_str(), row.purpose.as_deref(), row.count))
            .collect();
        assert_eq!(
            rows,
            [
                ("apps", Some("Core services"), 2),
                ("loki", Some("Log aggregation"), 1),
                ("monitoring", Some("Prometheus, Grafana"), 1),
                ("y", None, 1),
            ]
        );
    }
}

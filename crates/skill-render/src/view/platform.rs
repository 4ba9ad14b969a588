//! Well-known components among HelmReleases and workloads.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::flux::HelmRelease;
use infra_model::knowledge::ComponentKnowledge;
use infra_model::service::Service;
use infra_model::{Infrastructure, Place};
use infra_query::{Graph, Node};

use crate::components::{COMPONENTS, Category, Component};
use plain_text::markdown::is_plain_name;

/// A recognised component of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) component: &'static Component,
    /// Position in the list of components: the order of tables.
    pub(crate) rank: usize,
    /// Key of its service.
    pub(crate) service: Option<&'a str>,
    /// Key of its HelmRelease.
    pub(crate) helm_release: Option<&'a str>,
    pub(crate) namespace: &'a str,
    pub(crate) kustomization: Option<&'a str>,
    /// The place that a person edits.
    pub(crate) source: Option<&'a Place>,
    pub(crate) known: Option<&'a ComponentKnowledge>,
    /// Buckets of its effective values: scheme and name, each once.
    pub(crate) buckets: Vec<Bucket<'a>>,
    /// Number of services that depend on it.
    pub(crate) dependents: usize,
}

/// A storage bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bucket<'a> {
    pub(crate) scheme: Option<&'static str>,
    pub(crate) name: &'a str,
}

impl Found<'_> {
    /// Purpose: curated, else the built-in one.
    pub(crate) fn purpose(&self) -> &str {
        self.known
            .and_then(|known| known.purpose.as_deref())
            .unwrap_or(self.component.purpose)
    }

    /// Storage: curated, else its buckets.
    pub(crate) fn storage(&self) -> Option<String> {
        if let Some(storage) = self.known.and_then(|known| known.storage.clone()) {
            return Some(storage);
        }
        let buckets = self.buckets.iter().take(3);
        let names = buckets.map(|bucket| format!("{}: {}", bucket.scheme.unwrap_or("bucket"), bucket.name));
        let names: Vec<_> = names.collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The check command with the namespace filled in.
    pub(crate) fn check(&self) -> String {
        self.component.check.replace("{namespace}", self.namespace)
    }

    /// What its manifest controls, with the bucket if retention is part of it.
    pub(crate) fn controls(&self) -> Option<String> {
        let controls = self.component.controls;
        if controls.is_empty() {
            return None;
        }
        let storage = self.storage().unwrap_or_default();
        let scheme = storage.split_once(": ").map(|(scheme, _)| scheme);
        Some(match scheme.filter(|_| controls.contains("retention")) {
            Some("bucket") => format!("{controls}, bucket"),
            Some(scheme) => format!("{controls}, {scheme} bucket"),
            None => controls.to_owned(),
        })
    }
}

/// The components of a cluster, in the order of tables. Among several of a kind the most used comes first.
pub(crate) fn recognise(infra: &Infrastructure) -> Vec<Found<'_>> {
    let dependents = dependents(infra);
    let dependents_of = |key: Option<&str>| key.and_then(|key| dependents.get(key)).copied().unwrap_or(0);
    let mut found = Vec::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for (key, release) in &infra.helm_releases {
        let service = service_of(infra, release);
        taken.extend(service.map(|(key, _)| key));
        let by_chart = release.chart.as_deref().and_then(by_chart);
        let by_workload = || service.and_then(|(key, service)| by_workload(key, service));
        let Some((rank, component)) = by_chart.or_else(by_workload) else {
            continue;
        };
        let namespace = match release.release_namespace.as_str() {
            "" => release.namespace.as_str(),
            namespace => namespace,
        };
        found.push(Found {
            component,
            rank,
            service: service.map(|(key, _)| key),
            helm_release: Some(key),
            namespace,
            kustomization: release.kustomization.as_deref(),
            source: release.source.as_ref(),
            known: known(infra, component, &release.name),
            buckets: buckets(release),
            dependents: dependents_of(service.map(|(key, _)| key)),
        });
    }
    let others = infra
        .services
        .iter()
        .filter(|(key, _)| !taken.contains(key.as_str()));
    for (key, service) in others {
        let Some((rank, component)) = by_workload(key, service) else {
            continue;
        };
        found.push(Found {
            component,
            rank,
            service: Some(key),
            helm_release: None,
            namespace: &service.namespace,
            kustomization: service.kustomization.as_deref(),
            source: service.source.as_ref(),
            known: known(infra, component, &service.name),
            buckets: Vec::new(),
            dependents: dependents_of(Some(key)),
        });
    }
    // Namespaces are filled into commands.
    found.retain(|found| is_plain_name(found.namespace));
    found.sort_by(|a, b| {
        (a.rank, b.dependents, a.namespace, a.service).cmp(&(b.rank, a.dependents, b.namespace, b.service))
    });
    found
}

/// Number of services that depend on each service.
pub(crate) fn dependents(infra: &Infrastructure) -> BTreeMap<&str, usize> {
    let graph = Graph::new(infra);
    let mut count = BTreeMap::new();
    for service in infra.services.keys() {
        let targets: BTreeSet<Node<'_>> = graph.talks_to(service).map(|edge| edge.to).collect();
        for target in targets {
            if let Node::Service(key) = target {
                *count.entry(key).or_insert(0) += 1;
            }
        }
    }
    count
}

/// A component with its position in the list.
type Ranked = (usize, &'static Component);

fn by_chart(chart: &str) -> Option<Ranked> {
    let chart = chart.rsplit('/').next().unwrap_or(chart);
    let mut components = COMPONENTS.iter().enumerate();
    components.find(|(_, component)| component.charts.contains(&chart))
}

/// By the workload's name, else by the name of its first image.
fn by_workload(key: &str, service: &Service) -> Option<Ranked> {
    let find = |name: &str| {
        let mut components = COMPONENTS.iter().enumerate();
        components.find(|(_, component)| component.workloads.contains(&name))
    };
    let image = || {
        let last = service.images.first()?.rsplit('/').next()?;
        find(last.split(['@', ':']).next()?)
    };
    find(key.rsplit('/').next().unwrap_or(key)).or_else(image)
}

fn service_of<'a>(infra: &'a Infrastructure, release: &HelmRelease) -> Option<(&'a str, &'a Service)> {
    let is_owned = |service: &Service| {
        service.helm_release.as_deref() == Some(release.name.as_str())
            && (service.namespace == release.release_namespace || service.namespace == release.namespace)
    };
    let by_name = infra.services.get_key_value(&release.name);
    let by_name = by_name.filter(|(_, service)| is_owned(service));
    let service = by_name.or_else(|| infra.services.iter().find(|(_, service)| is_owned(service)));
    service.map(|(key, service)| (key.as_str(), service))
}

/// The notes of people on a component, under its identifier, its title or the name of its release or workload.
fn known<'a>(infra: &'a Infrastructure, component: &Component, name: &str) -> Option<&'a ComponentKnowledge> {
    let slug = component.title.to_lowercase().replace(' ', "-");
    let components = &infra.knowledge.components;
    let mut names = [name, component.id, slug.as_str(), component.title].into_iter();
    let noted = names.find_map(|name| components.get(name))?;
    Some(&noted.value)
}

fn buckets(release: &HelmRelease) -> Vec<Bucket<'_>> {
    let mut buckets: Vec<Bucket<'_>> = Vec::new();
    for (path, name) in &release.buckets {
        let path = path.to_lowercase();
        let has_word = |word: &str| path.split(['.', '_', '[']).any(|part| part == word);
        let mut schemes = ["GCS", "S3", "Azure", "Swift"].into_iter();
        let scheme = schemes.find(|scheme| has_word(&scheme.to_lowercase()));
        // Names of buckets have no capitals, but those of variables may.
        let possible = name.contains("${") || !name.chars().any(char::is_uppercase);
        if possible && !buckets.iter().any(|bucket| bucket.name == name) {
            buckets.push(Bucket { scheme, name });
        }
    }
    buckets
}

/// The first found component of a category.
pub(crate) fn first_of<'f, 'a>(found: &'f [Found<'a>], category: Category) -> Option<&'f Found<'a>> {
    found.iter().find(|found| found.component.category == category)
}

/// The first found component with an identifier.
pub(crate) fn named<'f, 'a>(found: &'f [Found<'a>], id: &str) -> Option<&'f Found<'a>> {
    found.iter().find(|found| found.component.id == id)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    fn release(chart: &str, namespace: &str) -> HelmRelease {
        HelmRelease {
            name: "r".into(),
            namespace: namespace.into(),
            release_namespace: namespace.into(),
            chart: Some(chart.into()),
            ..HelmRelease::default()
        }
    }

    fn service(image: &str) -> Service {
        Service {
            name: "s".into(),
            namespace: "ns".into(),
            images: vec![image.into()],
            ..Service::default()
        }
    }

    #[track_caller]
    fn check(releases: Vec<(&str, HelmRelease)>, services: Vec<(&str, Service)>, expected: &[&str]) {
        let mut infra = Infrastructure::default();
        infra.helm_releases.extend(
            releases
                .into_iter()
                .map(|(key, release)| (key.to_owned(), release)),
        );
        infra.services.extend(
            services
                .into_iter()
                .map(|(key, service)| (key.to_owned(), service)),
        );
        let ids: Vec<_> = recognise(&infra).iter().map(|found| found.component.id).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn by_chart_by_image_and_by_name() {
        check(
            vec![("x", release("mimir-distributed", "ns"))],
            vec![],
            &["mimir"],
        );
        check(
            vec![],
            vec![("queue", service("docker.io/library/redis:7@sha256:ab"))],
            &["redis"],
        );
        check(
            vec![],
            vec![("ns/grafana", service("registry.example.com/custom:1"))],
            &["grafana"],
        );
        check(vec![], vec![("api", service("ghcr.io/acme/api:1"))], &[]);
    }

    #[test]
    fn a_release_of_a_general_chart_is_what_its_image_is() {
        let mut of_release = service("ghcr.io/grafana/loki:3");
        of_release.helm_release = Some("r".into());
        check(
            vec![("r", release("app-template", "ns"))],
            vec![("r", of_release)],
            &["loki"],
        );
    }

    #[test]
    fn a_namespace_that_is_no_name_does_not_reach_a_command() {
        check(vec![("x", release("vault", "ns; id"))], vec![], &[]);
    }

    #[test]
    fn storage_is_what_people_say_else_the_buckets() {
        let mut infra = Infrastructure::default();
        let mut loki = release("loki", "loki");
        loki.buckets
            .insert("loki.storage.bucketNames.chunks".into(), "${p}-loki".into());
        infra.helm_releases.insert("loki".into(), loki);
        let mut cortex = release("cortex", "cortex");
        for path in ["blocks_storage.s3.bucket_name", "ruler.s3.bucket_name"] {
            cortex.buckets.insert(path.into(), "acme-cortex".into());
        }
        cortex
            .buckets
            .insert("kube-state-metrics.bucketName".into(), "bucketName".into());
        infra.helm_releases.insert("cortex".into(), cortex);
        let storage =
            |infra: &Infrastructure| -> Vec<_> { recognise(infra).iter().map(Found::storage).collect() };
        assert_eq!(
            storage(&infra),
            [Some("bucket: ${p}-loki".into()), Some("S3: acme-cortex".into())]
        );
        let known = ComponentKnowledge {
            storage: Some("GCS: x".into()),
            ..ComponentKnowledge::default()
        };
        let noted = infra_model::knowledge::Noted {
            value: known,
            place: None,
        };
        infra.knowledge.components.insert("Loki".into(), noted);
        assert_eq!(storage(&infra)[0], Some("GCS: x".into()));
        assert_eq!(
            recognise(&infra)[0].controls().as_deref(),
            Some("Log retention, GCS bucket")
        );
    }
}

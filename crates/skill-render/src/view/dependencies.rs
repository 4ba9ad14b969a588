//! The dependency guide: start-up order, dependencies of services, and checks.

use std::collections::{BTreeMap, BTreeSet};

use infra_query::{Graph, Node};
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::facts::{Facts, Head, Rows, Titled, listed, notes};
use super::infrastructure::{self, InfrastructureRow};
use super::platform::{Found, first_of, named};
use crate::components::Category;
use crate::environment::inert;
use crate::tree::tree;
use plain_text::markdown::is_plain_word;

/// Targets in a cell.
const NAMES: usize = 10;
/// Most connections of the example.
const CONNECTIONS: usize = 4;

#[derive(Debug, Serialize)]
pub(crate) struct Dependencies {
    /// The components on which most of a cluster depends, all clusters together.
    pub(crate) infrastructure: Vec<InfrastructureRow>,
    /// Kustomizations with most dependents, all clusters together.
    pub(crate) hubs: Vec<Hub>,
    /// Services of all clusters together, those with a known impact first.
    pub(crate) services: Vec<ServiceRow>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) mesh: Option<ComponentCheck>,
    pub(crate) vault: Option<ComponentCheck>,
    pub(crate) csi: Option<ComponentCheck>,
    pub(crate) external_secrets: Option<ComponentCheck>,
    pub(crate) certificates: Option<ComponentCheck>,
    pub(crate) database: Option<ComponentCheck>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// A component as commands and failure tables name it.
#[derive(Debug, Serialize)]
pub(crate) struct ComponentCheck {
    pub(crate) title: &'static str,
    pub(crate) namespace: String,
    pub(crate) kustomization: Option<String>,
    /// A command of this crate with a plain namespace in it.
    pub(crate) check: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Hub {
    pub(crate) name: String,
    pub(crate) dependents: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ServiceRow {
    pub(crate) name: String,
    pub(crate) depends_on: Vec<Titled>,
    pub(crate) more: usize,
    pub(crate) impact: Option<String>,
    pub(crate) dependents: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Connection {
    pub(crate) comment: String,
    pub(crate) command: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    pub(crate) head: Head,
    /// Lines of the tree.
    pub(crate) chain: Vec<Value>,
    pub(crate) chain_more: usize,
    pub(crate) alone: Vec<String>,
    pub(crate) circle: Vec<String>,
    pub(crate) helm_chain: Vec<Value>,
    pub(crate) services: Rows<ServiceRow>,
    pub(crate) platform: Rows<PlatformRow>,
    pub(crate) externals: Rows<ExternalRow>,
}

/// A recognised component outside of observability.
#[derive(Debug, Serialize)]
pub(crate) struct PlatformRow {
    pub(crate) title: String,
    pub(crate) purpose: String,
    pub(crate) namespace: String,
    pub(crate) kustomization: Option<String>,
    pub(crate) check: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct ExternalRow {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) used_by: Vec<String>,
    pub(crate) check: Option<String>,
}

pub(crate) fn view(all: &[Facts<'_>], example: Option<&Example>) -> Dependencies {
    let by_id = |id| all.iter().find_map(|facts| named(&facts.found, id)).map(check);
    let first = |category| {
        let found = all.iter().find_map(|facts| first_of(&facts.found, category));
        found.map(check)
    };
    let mut services: Vec<ServiceRow> = all.iter().flat_map(service_rows).collect();
    sort(&mut services);
    Dependencies {
        infrastructure: infrastructure::rows(all),
        hubs: hubs(all),
        services,
        connections: connections(all, example),
        mesh: first(Category::Mesh),
        vault: by_id("vault").or_else(|| by_id("openbao")),
        csi: first(Category::Csi),
        external_secrets: by_id("external-secrets"),
        certificates: first(Category::Certificates),
        database: first(Category::Database),
        clusters: all.iter().map(cluster).collect(),
        notes: notes(all, &["dependencies"]),
    }
}

fn check(found: &Found<'_>) -> ComponentCheck {
    ComponentCheck {
        title: found.component.title,
        namespace: found.namespace.to_owned(),
        kustomization: found.kustomization.map(str::to_owned),
        check: inert(found.check()),
    }
}

fn hubs(all: &[Facts<'_>]) -> Vec<Hub> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for facts in all {
        let kustomizations = &facts.infra.kustomizations;
        let graph = Graph::new(facts.infra);
        let mut waiting: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for key in kustomizations.keys() {
            for edge in graph.depends_on(Node::Kustomization(key)) {
                waiting.entry(edge.to.key()).or_default().insert(key);
            }
        }
        for (key, waiting) in waiting {
            if kustomizations.contains_key(key) {
                let most = count.entry(key).or_insert(0);
                *most = (*most).max(waiting.len());
            }
        }
    }
    let hubs = count.into_iter().map(|(name, dependents)| Hub {
        name: name.to_owned(),
        dependents,
    });
    let mut hubs: Vec<_> = hubs.collect();
    hubs.sort_by(|a, b| (b.dependents, &a.name).cmp(&(a.dependents, &b.name)));
    hubs
}

fn service_rows(facts: &Facts<'_>) -> Vec<ServiceRow> {
    let rows = facts.infra.services.iter().map(|(key, service)| {
        let mut depends_on = facts.targets(key);
        let more = depends_on.len().saturating_sub(NAMES);
        depends_on.truncate(NAMES);
        ServiceRow {
            name: key.clone(),
            depends_on,
            more,
            impact: service.failure_impact.clone(),
            dependents: facts.dependents.get(key.as_str()).copied().unwrap_or(0),
        }
    });
    rows.filter(|row| !row.depends_on.is_empty() || row.impact.is_some())
        .collect()
}

/// Sorts services with a described failure first, then those with most dependents.
fn sort(rows: &mut [ServiceRow]) {
    rows.sort_by(|a, b| {
        (b.impact.is_some(), b.dependents, &a.name).cmp(&(a.impact.is_some(), a.dependents, &b.name))
    });
}

/// Connections from the example to the databases, caches and queues that it depends on.
fn connections(all: &[Facts<'_>], example: Option<&Example>) -> Vec<Connection> {
    let example = example.into_iter();
    let connections = example.flat_map(|example| all.iter().flat_map(|facts| connections_of(facts, example)));
    connections.take(CONNECTIONS).collect()
}

fn connections_of(facts: &Facts<'_>, example: &Example) -> Vec<Connection> {
    const STORES: [Category; 3] = [Category::Database, Category::Cache, Category::Queue];
    let mut ends: Vec<(&Found<'_>, &str)> = Vec::new();
    for edge in Graph::new(facts.infra).talks_to(&example.key) {
        let Node::Service(target) = edge.to else {
            continue;
        };
        let mut services = facts.found.iter().filter(|found| found.service == Some(target));
        let found = services.find(|found| STORES.contains(&found.component.category));
        if let Some(found) = found
            && !ends.iter().any(|(_, other)| *other == target)
        {
            ends.push((found, target));
        }
    }
    ends.sort_by_key(|(found, target)| (found.rank, *target));
    let mut database = false;
    let mut connections = Vec::new();
    for (found, target) in ends {
        let Some(end) = facts.infra.services.get(target) else {
            continue;
        };
        let Some(host) = end.dns.first().map(|dns| dns.trim_end_matches(".cluster.local")) else {
            continue;
        };
        let port = match end.ports.first() {
            Some(first) if !end.ports.contains(&found.component.port) => *first,
            _ => found.component.port,
        };
        if !is_plain_word(host) {
            continue;
        }
        let what = match found.component.category {
            Category::Database if !database => "Database",
            _ => found.component.title,
        };
        database |= found.component.category == Category::Database;
        connections.push(Connection {
            comment: format!("{what} connectivity"),
            command: inert(format!(
                "kubectl exec -n {} {} -- nc -zv {host} {port}",
                example.namespace, example.workload
            )),
        });
    }
    connections
}

fn cluster(facts: &Facts<'_>) -> Cluster {
    let infra = facts.infra;
    let graph = Graph::new(infra);
    let waiting = |node| graph.depends_on(node).map(|edge| edge.to.key()).collect();
    let kustomizations = infra.kustomizations.keys().map(String::as_str);
    let kustomizations = kustomizations.map(|key| (key, waiting(Node::Kustomization(key))));
    let releases = infra.helm_releases.keys().map(String::as_str);
    let releases = releases.map(|key| (key, waiting(Node::HelmRelease(key))));
    let chain = tree(&kustomizations.collect(), facts.limit);
    let helm_chain = tree(&releases.collect(), facts.limit);
    let mut services = service_rows(facts);
    sort(&mut services);
    Cluster {
        head: facts.head.clone(),
        chain: chain.lines.into_iter().map(inert).collect(),
        chain_more: chain.more,
        alone: listed(&chain.alone, 60),
        circle: listed(&chain.circle, 20),
        helm_chain: helm_chain.lines.into_iter().map(inert).collect(),
        services: facts.rows(services),
        platform: facts.rows(facts.components(false).into_iter().map(platform_row)),
        externals: facts.rows(externals(facts)),
    }
}

fn platform_row(found: &Found<'_>) -> PlatformRow {
    PlatformRow {
        title: found.component.title.to_owned(),
        purpose: found.purpose().to_owned(),
        namespace: found.namespace.to_owned(),
        kustomization: found.kustomization.map(str::to_owned),
        check: inert(found.check()),
    }
}

/// The external targets of services, and those that people described.
fn externals(facts: &Facts<'_>) -> Vec<ExternalRow> {
    let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let graph = Graph::new(facts.infra);
    for key in facts.infra.services.keys() {
        for edge in graph.talks_to(key) {
            if let Node::External(host) = edge.to {
                let users = users.entry(host).or_default();
                if users.last() != Some(key) {
                    users.push(key.clone());
                }
            }
        }
    }
    for name in facts.infra.knowledge.externals.keys() {
        users.entry(name).or_default();
    }
    let mut users: Vec<(&str, Vec<String>)> = users.into_iter().collect();
    // The sort is stable and keeps targets with equally many users in the order of names.
    users.sort_by_key(|(_, users)| std::cmp::Reverse(users.len()));
    let rows = users.into_iter().map(|(name, users)| {
        let known = facts
            .infra
            .knowledge
            .externals
            .get(name)
            .map(|noted| &noted.value);
        ExternalRow {
            name: name.to_owned(),
            description: known.and_then(|known| known.description.clone()),
            used_by: listed(&users, NAMES),
            check: known.and_then(|known| known.check.clone()),
        }
    });
    rows.collect()
}

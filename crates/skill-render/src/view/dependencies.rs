//! Start-up order, service dependencies and what to check, from the graph and recognised components.

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
use crate::neutralise::is_plain_word;
use crate::tree::tree;

/// Targets that one cell lists.
const NAMES: usize = 10;
/// Connections that the example shows.
const CONNECTIONS: usize = 4;

#[derive(Debug, Serialize)]
pub(crate) struct Dependencies {
    /// What most of a cluster stands on, all clusters together.
    pub(crate) infrastructure: Vec<InfrastructureRow>,
    /// Kustomizations for which most others wait, all clusters together.
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
    /// The command is this crate's own text with a plain namespace in it.
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
    let by_id = |id| all.iter().find_map(|facts| named(&facts.found, id)).map(part);
    let first = |category| {
        all.iter()
            .find_map(|facts| first_of(&facts.found, category))
            .map(part)
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

fn part(found: &Found<'_>) -> ComponentCheck {
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
    let mut hubs: Vec<_> = count
        .into_iter()
        .map(|(name, dependents)| Hub {
            name: name.to_owned(),
            dependents,
        })
        .collect();
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

/// Those whose failure people described first, then those on which most others depend.
fn sort(rows: &mut [ServiceRow]) {
    rows.sort_by(|a, b| {
        (b.impact.is_some(), b.dependents, &a.name).cmp(&(a.impact.is_some(), a.dependents, &b.name))
    });
}

/// From the example, else from the first service that has any, to the databases and caches that it depends on.
fn connections(all: &[Facts<'_>], example: Option<&Example>) -> Vec<Connection> {
    let of_example = example.map(|example| {
        all.iter()
            .flat_map(|facts| connections_of(facts, &example.key, example))
            .take(CONNECTIONS)
            .collect::<Vec<_>>()
    });
    of_example.unwrap_or_default()
}

fn connections_of(facts: &Facts<'_>, key: &str, example: &Example) -> Vec<Connection> {
    let mut ends: Vec<(&Found<'_>, &str)> = Vec::new();
    for edge in Graph::new(facts.infra).talks_to(key) {
        let Node::Service(target) = edge.to else {
            continue;
        };
        let found = facts.found.iter().find(|found| {
            found.service == Some(target)
                && matches!(
                    found.component.category,
                    Category::Database | Category::Cache | Category::Queue
                )
        });
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
    let of_kustomizations: BTreeMap<&str, Vec<&str>> = kustomizations
        .map(|key| (key, waiting(Node::Kustomization(key))))
        .collect();
    let releases = infra.helm_releases.keys().map(String::as_str);
    let of_releases: BTreeMap<&str, Vec<&str>> = releases
        .map(|key| (key, waiting(Node::HelmRelease(key))))
        .collect();
    let chain = tree(&of_kustomizations, facts.limit);
    let mut services = service_rows(facts);
    sort(&mut services);
    Cluster {
        head: facts.head.clone(),
        chain: chain.lines.into_iter().map(inert).collect(),
        chain_more: chain.more,
        alone: listed(&chain.alone, 60),
        circle: listed(&chain.circle, 20),
        helm_chain: tree(&of_releases, facts.limit)
            .lines
            .into_iter()
            .map(inert)
            .collect(),
        services: facts.rows(services),
        platform: facts.rows(platform(facts)),
        externals: facts.rows(externals(facts)),
    }
}

fn platform(facts: &Facts<'_>) -> Vec<PlatformRow> {
    let mut rows: Vec<PlatformRow> = Vec::new();
    for found in facts
        .found
        .iter()
        .filter(|found| !found.component.category.is_observability())
    {
        if rows
            .iter()
            .any(|row| row.title == found.component.title && row.namespace == found.namespace)
        {
            continue;
        }
        rows.push(PlatformRow {
            title: found.component.title.to_owned(),
            purpose: found.purpose().to_owned(),
            namespace: found.namespace.to_owned(),
            kustomization: found.kustomization.map(str::to_owned),
            check: inert(found.check()),
        });
    }
    rows
}

/// Everything outside that services talk to or people wrote down.
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
    let mut rows: Vec<_> = users
        .into_iter()
        .map(|(name, users)| {
            let known = facts
                .infra
                .knowledge
                .externals
                .get(name)
                .map(|noted| &noted.value);
            let row = ExternalRow {
                name: name.to_owned(),
                description: known.and_then(|known| known.description.clone()),
                used_by: listed(&users, NAMES),
                check: known.and_then(|known| known.check.clone()),
            };
            (std::cmp::Reverse(users.len()), row)
        })
        .collect();
    rows.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    rows.into_iter().map(|(_, row)| row).collect()
}

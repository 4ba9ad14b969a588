//! `dependsOn` edges and recognised components turn into start-up order, service dependencies and what to check.

use std::collections::BTreeMap;

use infra_model::dependency::Target;
use minijinja::Value;
use serde::Serialize;

use super::example::Example;
use super::facts::{Facts, Head, Rows, Titled, listed, notes};
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
    pub(crate) mesh: Option<Part>,
    pub(crate) vault: Option<Part>,
    pub(crate) csi: Option<Part>,
    pub(crate) external_secrets: Option<Part>,
    pub(crate) certificates: Option<Part>,
    pub(crate) database: Option<Part>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

/// A component as commands and failure tables name it.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub(crate) title: &'static str,
    pub(crate) namespace: String,
    pub(crate) kustomization: Option<String>,
    /// The command is this crate's own text with a plain namespace in it.
    pub(crate) check: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct InfrastructureRow {
    pub(crate) component: String,
    pub(crate) depends_on: String,
    pub(crate) check: Option<Value>,
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
        infrastructure: infrastructure(all),
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

fn part(found: &Found<'_>) -> Part {
    Part {
        title: found.component.title,
        namespace: found.namespace.to_owned(),
        kustomization: found.kustomization.map(str::to_owned),
        check: inert(found.check()),
    }
}

/// One row per kind of thing that apps stand on, those that hold up most first.
fn infrastructure(all: &[Facts<'_>]) -> Vec<InfrastructureRow> {
    const ORDER: [Category; 18] = [
        Category::Mesh,
        Category::Secrets,
        Category::Csi,
        Category::Certificates,
        Category::Metrics,
        Category::Logs,
        Category::Network,
        Category::Dns,
        Category::Ingress,
        Category::ObjectStorage,
        Category::Database,
        Category::Cache,
        Category::Queue,
        Category::Provisioning,
        Category::Delivery,
        Category::Autoscaling,
        Category::Identity,
        Category::Policy,
    ];
    let mut rows: Vec<InfrastructureRow> = Vec::new();
    for category in ORDER {
        for facts in all {
            let mut ids: Vec<&str> = Vec::new();
            for found in facts
                .found
                .iter()
                .filter(|found| found.component.category == category)
            {
                if ids.contains(&found.component.id) || (is_store(category) && !ids.is_empty()) {
                    continue;
                }
                ids.push(found.component.id);
                let row = infrastructure_row(facts, found);
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
    }
    same_as_above(&mut rows);
    rows
}

/// Of several stores of telemetry the first one is what the row is about.
fn is_store(category: Category) -> bool {
    matches!(category, Category::Metrics | Category::Logs)
}

fn infrastructure_row(facts: &Facts<'_>, found: &Found<'_>) -> InfrastructureRow {
    let component = found.component;
    let (whose, depends_on, check) = match component.category {
        Category::Mesh => ("All apps", format!("{} (mesh)", component.title), found.check()),
        Category::Secrets if matches!(component.id, "vault" | "openbao") => (
            "All apps",
            format!("{} (secrets)", component.title),
            found.check(),
        ),
        category if is_store(category) => {
            let collects = |collector: &&Found<'_>| {
                let purpose = collector.component.purpose;
                collector.component.category == Category::Collection
                    && (category == Category::Logs || !purpose.starts_with("Log "))
            };
            match facts.found.iter().find(collects) {
                Some(collector) => (
                    category.dependents(),
                    format!("{} → {}", collector.component.short_title(), component.title),
                    collector.check(),
                ),
                None => (category.dependents(), component.title.to_owned(), found.check()),
            }
        }
        category => (
            category.dependents(),
            component.short_title().to_owned(),
            found.check(),
        ),
    };
    InfrastructureRow {
        component: whose.to_owned(),
        depends_on,
        check: Some(inert(check)),
    }
}

/// A command that the row above already shows is not shown twice.
fn same_as_above(rows: &mut [InfrastructureRow]) {
    let checks: Vec<_> = rows.iter().map(|row| row.check.clone()).collect();
    for (row, above) in rows.iter_mut().skip(1).zip(checks) {
        if row.check == above {
            row.check = None;
        }
    }
}

fn hubs(all: &[Facts<'_>]) -> Vec<Hub> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, kustomization) in all.iter().flat_map(|facts| &facts.infra.kustomizations) {
        let most = count.entry(key).or_insert(0);
        *most = (*most).max(kustomization.dependents.len());
    }
    let mut hubs: Vec<_> = count
        .into_iter()
        .filter(|(_, dependents)| *dependents > 0)
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
    let Some(service) = facts.infra.services.get(key) else {
        return Vec::new();
    };
    let mut ends: Vec<(&Found<'_>, &str)> = Vec::new();
    for edge in &service.depends_on {
        let Target::Service(target) = &edge.target else {
            continue;
        };
        let found = facts.found.iter().find(|found| {
            found.service == Some(target.as_str())
                && matches!(
                    found.component.category,
                    Category::Database | Category::Cache | Category::Queue
                )
        });
        if let Some(found) = found
            && !ends.iter().any(|(_, other)| other == target)
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
        let ports: Vec<_> = end.ports.iter().map(|port| port.port).collect();
        let port = match ports.first() {
            Some(first) if !ports.contains(&found.component.port) => *first,
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
    let of_kustomizations: BTreeMap<&str, Vec<&str>> = infra
        .kustomizations
        .iter()
        .map(|(key, kustomization)| {
            (
                key.as_str(),
                kustomization.depends_on.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    let chain = tree(&of_kustomizations, facts.limit);
    let of_releases: BTreeMap<&str, Vec<&str>> = infra
        .helm_releases
        .iter()
        .map(|(key, release)| {
            (
                key.as_str(),
                release.depends_on.iter().map(String::as_str).collect(),
            )
        })
        .collect();
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
    for (key, service) in &facts.infra.services {
        for edge in &service.depends_on {
            if let Target::External(host) = &edge.target {
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

#[cfg(test)]
mod tests {
    use infra_model::Infrastructure;
    use infra_model::flux::HelmRelease;
    use pretty_assertions::assert_eq;

    use super::*;

    fn infra(charts: &[(&str, &str)]) -> Infrastructure {
        let mut infra = Infrastructure::default();
        for (chart, namespace) in charts {
            let release = HelmRelease {
                name: (*chart).into(),
                namespace: (*namespace).into(),
                release_namespace: (*namespace).into(),
                chart: Some((*chart).into()),
                ..HelmRelease::default()
            };
            infra.helm_releases.insert((*chart).into(), release);
        }
        infra
    }

    #[track_caller]
    fn check(charts: &[(&str, &str)], expected: &[(&str, &str, Option<&str>)]) {
        let infra = infra(charts);
        let rows = infrastructure(&[Facts::new(None, &infra, 10)]);
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.component.as_str(),
                    row.depends_on.as_str(),
                    row.check.as_ref().and_then(Value::as_str),
                )
            })
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_store_is_checked_at_what_collects_for_it() {
        check(
            &[
                ("alloy", "monitoring"),
                ("loki", "loki"),
                ("mimir-distributed", "mimir"),
                ("cortex", "cortex"),
            ],
            &[
                (
                    "Metrics",
                    "Alloy → Mimir",
                    Some("kubectl logs -n monitoring -l app.kubernetes.io/name=alloy"),
                ),
                ("Logs", "Alloy → Loki", None),
            ],
        );
        check(
            &[
                ("promtail", "logs"),
                ("loki", "loki"),
                ("kube-prometheus-stack", "monitoring"),
            ],
            &[
                ("Metrics", "Prometheus", Some("kubectl get prometheus -A")),
                ("Logs", "Promtail → Loki", Some("kubectl get pods -n logs")),
            ],
        );
    }

    #[test]
    fn meshes_and_secrets_come_first() {
        check(
            &[
                ("cert-manager", "cm"),
                ("external-secrets", "es"),
                ("istiod", "mesh"),
                ("vault", "v"),
            ],
            &[
                ("All apps", "Istio (mesh)", Some("istioctl proxy-status")),
                ("All apps", "Vault (secrets)", Some("kubectl get pods -n v")),
                (
                    "Secrets",
                    "External Secrets Operator",
                    Some("kubectl get externalsecrets -A"),
                ),
                ("Ingress", "cert-manager", Some("kubectl get certificates -A")),
            ],
        );
    }
}

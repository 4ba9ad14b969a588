//! The observability guide: collectors, stores and dashboards.

use infra_query::{Graph, Node};
use minijinja::Value;
use serde::Serialize;

use super::component_map::{self, Cluster};
use super::facts::{Facts, notes, unique};
use super::platform::{Found, first_of, named};
use crate::components::Category;
use plain_text::markdown::is_plain_word;

/// Header that names the tenant for Mimir, Loki and Cortex.
const TENANT_HEADER: &str = "X-Scope-OrgID";

#[derive(Debug, Serialize)]
pub(crate) struct Observability {
    /// Rows of the stack overview; empty if no component is recognised.
    pub(crate) stack: Vec<StackRow>,
    /// Whether infrastructure and applications have separate stores.
    pub(crate) two_paths: bool,
    pub(crate) collector: Option<String>,
    pub(crate) metrics: Option<Store>,
    pub(crate) logs: Option<Store>,
    pub(crate) traces: Option<Store>,
    pub(crate) dashboards: Option<Dashboards>,
    /// The producer of application metrics, such as `Runner pods (:9090/metrics)`.
    pub(crate) producer: String,
    pub(crate) cortex_tenant: bool,
    pub(crate) tenants: Option<Tenants>,
    pub(crate) header: String,
    pub(crate) alerting: Option<Alerting>,
    /// Alertmanager, or the component that includes one, if alerts do not flow through Cortex.
    pub(crate) alertmanager: Option<String>,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) notes: Vec<Value>,
}

#[derive(Debug, Serialize)]
pub(crate) struct StackRow {
    pub(crate) use_case: &'static str,
    pub(crate) purpose: String,
    pub(crate) components: String,
    pub(crate) consumers: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Store {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Dashboards {
    pub(crate) title: &'static str,
    /// Whether it is the Grafana of a shared cluster.
    pub(crate) shared: bool,
    pub(crate) host: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Tenants {
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Alerting {
    /// `GCS bucket`
    pub(crate) rules: String,
    pub(crate) service: Option<AlertsService>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AlertsService {
    pub(crate) title: String,
    pub(crate) address: String,
}

pub(crate) fn view(all: &[Facts<'_>], platform: &str) -> Observability {
    let first = |category| all.iter().find_map(|facts| first_of(&facts.found, category));
    let by_id = |id| all.iter().find_map(|facts| named(&facts.found, id));
    let store = |found: &Found<'_>| Store {
        id: found.component.id,
        title: found.component.title,
    };
    let cortex = by_id("cortex");
    let metrics = first(Category::Metrics);
    let two_paths = cortex.is_some() && metrics.is_some_and(|found| found.component.id != "cortex");
    let dashboards = all.iter().find_map(dashboards);
    let tenants = all
        .iter()
        .find_map(|facts| facts.infra.knowledge.tenants.as_ref());
    let header = tenants.and_then(|tenants| tenants.header.clone());
    let producer = all.iter().find_map(producer);
    let alertmanager = by_id("alertmanager")
        .or_else(|| by_id("kube-prometheus-stack"))
        .or_else(|| by_id("victoria-metrics"));
    Observability {
        stack: stack(all, platform, two_paths, dashboards.as_ref()),
        two_paths,
        collector: first(Category::Collection).map(|found| found.component.title.to_owned()),
        metrics: metrics.map(store),
        logs: first(Category::Logs).map(store),
        traces: first(Category::Traces).map(store),
        dashboards,
        producer: producer.unwrap_or_else(|| "Application pods (/metrics)".to_owned()),
        cortex_tenant: by_id("cortex-tenant").is_some(),
        header: header.unwrap_or_else(|| TENANT_HEADER.to_owned()),
        tenants: tenants
            .filter(|tenants| !tenants.names.is_empty())
            .map(|tenants| Tenants {
                names: tenants.names.iter().take(40).cloned().collect(),
            }),
        alerting: cortex.map(|found| Alerting {
            rules: match found.storage().unwrap_or_default().split_once(": ") {
                Some((scheme, _)) if scheme != "bucket" => format!("{scheme} bucket"),
                _ => "ruler storage".to_owned(),
            },
            service: all.iter().find_map(alerts_service),
        }),
        alertmanager: alertmanager.map(|found| found.component.title.to_owned()),
        clusters: all.iter().map(component_map::cluster).collect(),
        notes: notes(all, &["observability"]),
    }
}

/// A row for infrastructure, and one for applications if they have a separate store.
fn stack(
    all: &[Facts<'_>],
    platform: &str,
    two_paths: bool,
    dashboards: Option<&Dashboards>,
) -> Vec<StackRow> {
    let found: Vec<&Found<'_>> = all.iter().flat_map(|facts| &facts.found).collect();
    let of_application = |found: &Found<'_>| {
        two_paths
            && (found.component.id == "cortex"
                || (found.component.id == "consul" && is_namespace_of_cortex(all, found.namespace)))
    };
    let is_shared = dashboards.is_some_and(|dashboards| dashboards.shared);
    let titles = |filter: &dyn Fn(&Found<'_>) -> bool| {
        let found = found.iter().filter(|found| filter(found));
        let titles = found.map(|found| match found.component.category {
            Category::Dashboards if is_shared => format!("{} (shared)", found.component.title),
            _ => found.component.title.to_owned(),
        });
        unique(titles).join(", ")
    };
    let consumers = |filter: &dyn Fn(&Found<'_>) -> bool, default: String| {
        let mut found = found.iter().filter(|found| filter(found));
        let known = found.find_map(|found| found.known?.consumers.clone());
        known.unwrap_or(default)
    };
    let infrastructure = |found: &Found<'_>| {
        matches!(
            found.component.category,
            Category::Metrics | Category::Logs | Category::Traces | Category::Dashboards
        ) && !of_application(found)
            && found.component.id != "cortex-tenant"
    };
    let mut rows = Vec::new();
    let components = titles(&infrastructure);
    if !components.is_empty() {
        rows.push(StackRow {
            use_case: "Infrastructure",
            purpose: "Monitor infra (CPU, memory, logs)".to_owned(),
            components,
            consumers: consumers(&infrastructure, "SRE/Ops team".to_owned()),
        });
    }
    if two_paths {
        rows.push(StackRow {
            use_case: "Application",
            purpose: format!("{platform} platform features (alerting for end-users)"),
            components: titles(&of_application),
            consumers: consumers(&of_application, format!("End-users of {platform}")),
        });
    }
    rows
}

fn is_namespace_of_cortex(all: &[Facts<'_>], namespace: &str) -> bool {
    let mut cortex = all.iter().filter_map(|facts| named(&facts.found, "cortex"));
    cortex.any(|cortex| cortex.namespace == namespace)
}

fn dashboards(facts: &Facts<'_>) -> Option<Dashboards> {
    let found = first_of(&facts.found, Category::Dashboards)?;
    let service = found.service.and_then(|key| facts.infra.services.get(key));
    let hosts = service.into_iter().flat_map(|service| &service.hosts);
    // People often note a host that no Ingress of this cluster states.
    let noted = facts.infra.knowledge.notes.values().flat_map(|note| {
        note.value
            .split(|c: char| c.is_whitespace() || matches!(c, '`' | '(' | ')' | ',' | '<' | '>'))
            .map(|word| {
                word.trim_start_matches("https://")
                    .trim_end_matches(['.', '/', ':'])
            })
            .filter(|word| word.starts_with("grafana.") && word.len() > 10)
    });
    let hosts = hosts.map(String::as_str).filter(|host| !host.contains("${"));
    let known = hosts.chain(noted).find(|host| is_plain_word(host));
    Some(Dashboards {
        title: found.component.title,
        shared: found.purpose().to_lowercase().contains("shared cluster"),
        host: known.map(str::to_owned),
    })
}

/// The service that writes its metrics to Cortex, as the data flow shows it.
fn producer(facts: &Facts<'_>) -> Option<String> {
    let cortex = |found: &&Found<'_>| matches!(found.component.id, "cortex" | "cortex-tenant");
    let stores = facts.found.iter().filter(cortex);
    let stores: Vec<_> = stores.filter_map(|found| found.service).collect();
    let components: Vec<_> = facts.found.iter().filter_map(|found| found.service).collect();
    let graph = Graph::new(facts.infra);
    let is_store = |node: Node<'_>| matches!(node, Node::Service(key) if stores.contains(&key));
    let (_, service) = facts.infra.services.iter().find(|(key, _)| {
        !components.contains(&key.as_str()) && graph.talks_to(key).any(|edge| is_store(edge.to))
    })?;
    let port = service.container_ports.iter().find(|port| {
        let name = port.name.as_deref().unwrap_or_default();
        name.contains("metric") || name.contains("prom")
    });
    let port = port.map(|port| format!(":{}", port.port)).unwrap_or_default();
    Some(format!("{} pods ({port}/metrics)", capitalised(&service.name)))
}

/// The service that receives the alerts of Cortex.
fn alerts_service(facts: &Facts<'_>) -> Option<AlertsService> {
    let cortex = named(&facts.found, "cortex")?.service?;
    let components: Vec<_> = facts.found.iter().filter_map(|found| found.service).collect();
    let talks_to = Graph::new(facts.infra).talks_to(cortex);
    let receivers = talks_to.filter_map(|edge| match edge.to {
        Node::Service(key) => Some(key),
        _ => None,
    });
    let by_name = facts.infra.services.keys().map(String::as_str);
    let by_name = by_name.filter(|key| key.contains("alert"));
    receivers.chain(by_name).find_map(|key| {
        let service = facts
            .infra
            .services
            .get(key)
            .filter(|_| !components.contains(&key))?;
        let host = service.dns.first()?;
        let address = match service.ports.first() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        Some(AlertsService {
            title: format!("{} Service", capitalised(&service.name)),
            address,
        })
    })
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use infra_model::Infrastructure;
    use infra_model::flux::HelmRelease;
    use infra_model::knowledge::{ComponentKnowledge, Noted};
    use infra_model::service::{Port, Service};
    use pretty_assertions::assert_eq;

    use super::*;

    fn infra(charts: &[&str]) -> Infrastructure {
        let mut infra = Infrastructure::default();
        for chart in charts {
            let release = HelmRelease {
                name: (*chart).into(),
                namespace: "ns".into(),
                release_namespace: "ns".into(),
                chart: Some((*chart).into()),
                ..HelmRelease::default()
            };
            infra.helm_releases.insert((*chart).into(), release);
            let service = Service {
                name: (*chart).into(),
                namespace: "ns".into(),
                helm_release: Some((*chart).into()),
                ..Service::default()
            };
            infra.services.insert((*chart).into(), service);
        }
        infra
    }

    #[test]
    fn one_store_is_one_path_and_two_are_two() {
        let one = infra(&["loki", "kube-prometheus-stack"]);
        let view_of = |infra: &Infrastructure| view(&[Facts::new(None, infra, 10)], "Acme");
        let components = |view: &Observability| {
            view.stack
                .iter()
                .map(|row| row.components.clone())
                .collect::<Vec<_>>()
        };
        let view = view_of(&one);
        assert!(!view.two_paths);
        assert_eq!(components(&view), ["Prometheus, Loki"]);
        assert_eq!(view.alertmanager.as_deref(), Some("Prometheus"));

        let view = view_of(&infra(&["loki", "mimir", "cortex", "consul"]));
        assert!(view.two_paths);
        assert_eq!(components(&view), ["Mimir, Loki", "Cortex, Consul"]);
        assert_eq!(view.stack[1].consumers, "End-users of Acme");
    }

    #[test]
    fn nothing_recognised_makes_no_rows() {
        let view = view(&[Facts::new(None, &Infrastructure::default(), 10)], "Acme");
        assert!(view.stack.is_empty() && view.dashboards.is_none() && view.alerting.is_none());
    }

    #[test]
    fn what_writes_to_cortex_and_what_it_tells_are_found_by_their_edges() {
        let mut infra = infra(&["cortex"]);
        let edge = |to: &str| infra_model::dependency::Dependency {
            target: infra_model::dependency::Target::Service(to.into()),
            via: infra_model::dependency::Via::Env,
            ..infra_model::dependency::Dependency::default()
        };
        let port = |name: &str, port| Port {
            name: Some(name.into()),
            port,
            ..Port::default()
        };
        let writer = Service {
            name: "agent".into(),
            container_ports: vec![port("http", 80), port("http-metrics", 9102)],
            depends_on: vec![edge("cortex")],
            ..Service::default()
        };
        let told = Service {
            name: "pager".into(),
            dns: vec!["pager.ops.svc.cluster.local".into()],
            ports: vec![8080],
            ..Service::default()
        };
        infra.services.insert("agent".into(), writer);
        infra.services.insert("pager".into(), told);
        if let Some(cortex) = infra.services.get_mut("cortex") {
            cortex.depends_on = vec![edge("pager")];
        }
        let view = view(&[Facts::new(None, &infra, 10)], "Acme");
        assert_eq!(view.producer, "Agent pods (:9102/metrics)");
        let service = view
            .alerting
            .and_then(|alerting| alerting.service)
            .expect("a receiver");
        assert_eq!(
            (service.title.as_str(), service.address.as_str()),
            ("Pager Service", "pager.ops.svc.cluster.local:8080")
        );
    }

    #[test]
    fn a_host_that_people_noted_stands_for_the_dashboards() {
        let mut infra = infra(&["grafana"]);
        let known = ComponentKnowledge {
            purpose: Some("UI (shared cluster)".into()),
            ..ComponentKnowledge::default()
        };
        infra.knowledge.components.insert(
            "grafana".into(),
            Noted {
                value: known,
                place: None,
            },
        );
        infra.knowledge.notes.insert(
            "observability".into(),
            "See https://grafana.example.com/.".to_owned().into(),
        );
        let dashboards = dashboards(&Facts::new(None, &infra, 10)).expect("Grafana");
        assert!(dashboards.shared);
        assert_eq!(dashboards.host.as_deref(), Some("grafana.example.com"));
    }
}

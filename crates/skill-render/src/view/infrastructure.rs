//! Infrastructure that apps depend on, with a check command each.

use minijinja::Value;
use serde::Serialize;

use super::facts::Facts;
use super::platform::Found;
use crate::components::Category;
use crate::environment::inert;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct InfrastructureRow {
    pub(crate) component: String,
    pub(crate) depends_on: String,
    pub(crate) check: Option<Value>,
}

/// Rows by category, the most critical first.
pub(crate) fn rows(all: &[Facts<'_>]) -> Vec<InfrastructureRow> {
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
            let of_category = facts
                .found
                .iter()
                .filter(|found| found.component.category == category);
            for found in of_category {
                if ids.contains(&found.component.id) || (is_store(category) && !ids.is_empty()) {
                    continue;
                }
                // Clients of OpenBao run the image of Vault, as it has Vault's API.
                let is_openbao =
                    |other: &Found<'_>| other.component.id == "openbao" && other.namespace == found.namespace;
                if found.component.id == "vault" && facts.found.iter().any(is_openbao) {
                    continue;
                }
                ids.push(found.component.id);
                let row = self::row(facts, found);
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
        }
    }
    remove_repeated_checks(&mut rows);
    rows
}

/// Whether a category has stores of telemetry, of which only the first gets a row.
fn is_store(category: Category) -> bool {
    matches!(category, Category::Metrics | Category::Logs)
}

fn row(facts: &Facts<'_>, found: &Found<'_>) -> InfrastructureRow {
    let component = found.component;
    let category = component.category;
    let title = component.title;
    let (dependents, depends_on, check) = match category {
        Category::Mesh => ("All apps", format!("{title} (mesh)"), found.check()),
        Category::Secrets if matches!(component.id, "vault" | "openbao") => {
            ("All apps", format!("{title} (secrets)"), found.check())
        }
        _ if is_store(category) => {
            let collects = |collector: &&Found<'_>| {
                let purpose = collector.component.purpose;
                collector.component.category == Category::Collection
                    && (category == Category::Logs || !purpose.starts_with("Log "))
            };
            let (path, check) = match facts.found.iter().find(collects) {
                Some(collector) => {
                    let collector_title = collector.component.short_title();
                    (format!("{collector_title} → {title}"), collector.check())
                }
                None => (title.to_owned(), found.check()),
            };
            (category.dependents(), path, check)
        }
        _ => (
            category.dependents(),
            component.short_title().to_owned(),
            found.check(),
        ),
    };
    InfrastructureRow {
        component: dependents.to_owned(),
        depends_on,
        check: Some(inert(check)),
    }
}

/// Removes a command that the row above already shows.
fn remove_repeated_checks(rows: &mut [InfrastructureRow]) {
    let checks: Vec<_> = rows.iter().map(|row| row.check.clone()).collect();
    for (row, above) in rows.iter_mut().skip(1).zip(checks) {
        if row.check == above {
            row.check = None;
        }
    }
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
        let rows = rows(&[Facts::new(None, &infra, 10)]);
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

    #[test]
    fn a_client_of_openbao_is_no_second_store() {
        let row = ("All apps", "OpenBao (secrets)", Some("kubectl get pods -n safe"));
        check(&[("vault", "safe"), ("openbao", "safe")], &[row]);
    }
}

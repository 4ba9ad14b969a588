//! The service in example commands and queries.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::Infrastructure;
use infra_model::service::Service;
use serde::Serialize;

use super::platform::Found;
use plain_text::markdown::is_plain_name;

/// A service of the cluster whose names are safe in commands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Example {
    /// Key in `services.json`.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// `deploy/papi`, as kubectl takes it.
    pub(crate) workload: String,
    /// `app=papi`, as `kubectl -l` takes it.
    pub(crate) label: String,
    /// The value of that label.
    pub(crate) app: String,
    /// The HelmRelease that owns it, if its name is safe in a command.
    pub(crate) helm_release: Option<String>,
    pub(crate) kustomization: Option<String>,
}

impl Example {
    /// Chooses the service with most dependents that is no well-known component. Deployments come first, as people debug them
    /// most.
    pub(crate) fn choose(
        infra: &Infrastructure,
        found: &[Found<'_>],
        dependents: &BTreeMap<&str, usize>,
    ) -> Option<Example> {
        let components: BTreeSet<_> = found.iter().filter_map(|found| found.service).collect();
        let mut crowd: BTreeMap<&str, usize> = BTreeMap::new();
        for service in infra.services.values() {
            *crowd.entry(service.namespace.as_str()).or_insert(0) += 1;
        }
        let rank = |key: &str, service: &Service| {
            (
                !components.contains(key),
                service.deployment.is_some(),
                dependents.get(key).copied().unwrap_or(0),
                service.config_maps.len() + service.secrets.len() + service.secret_provider_classes.len(),
                crowd.get(service.namespace.as_str()).copied().unwrap_or(0),
            )
        };
        let mut candidates: Vec<_> = infra.services.iter().collect();
        // The sort is stable and keeps services of equal rank in the order of keys.
        candidates.sort_by_cached_key(|(key, service)| Reverse(rank(key, service)));
        let mut candidates = candidates.into_iter();
        candidates.find_map(|(key, service)| Example::new(key, service))
    }

    /// `None` if a name is not safe in a command.
    fn new(key: &str, service: &Service) -> Option<Example> {
        let (label, app) = label(service);
        let workload = service.workload.as_ref();
        let kind = match workload.map(|workload| workload.kind.as_str()) {
            None | Some("Deployment") => "deploy",
            Some("StatefulSet") => "sts",
            Some("DaemonSet") => "ds",
            Some("CronJob") => "cronjob",
            Some("Job") => "job",
            Some(_) => "pod",
        };
        let name = workload.map_or(&service.name, |workload| &workload.name);
        let plain = [key, name, &service.namespace, &app, label];
        if !plain.into_iter().all(is_plain_name) {
            return None;
        }
        Some(Example {
            key: key.to_owned(),
            name: service.name.clone(),
            namespace: service.namespace.clone(),
            workload: format!("{kind}/{name}"),
            label: format!("{label}={app}"),
            app,
            helm_release: service.helm_release.clone().filter(|name| is_plain_name(name)),
            kustomization: service.kustomization.clone().filter(|name| is_plain_name(name)),
        })
    }
}

/// The label that best selects a service's pods.
fn label(service: &Service) -> (&str, String) {
    const PREFERRED: [&str; 4] = [
        "app",
        "app.kubernetes.io/name",
        "k8s-app",
        "app.kubernetes.io/instance",
    ];
    let preferred = PREFERRED
        .iter()
        .find_map(|name| service.selector.get_key_value(*name));
    match preferred.or_else(|| service.selector.iter().next()) {
        Some((name, value)) => (name, value.clone()),
        None if service.workload.is_none() => ("app.kubernetes.io/instance", service.name.clone()),
        None => ("app.kubernetes.io/name", service.name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use infra_model::dependency::{Dependency, Target, Via};
    use infra_model::service::Workload;
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::view::platform::{dependents, recognise};

    fn workload(kind: &str, name: &str, needs: &[&str]) -> (String, Service) {
        let needs = needs.iter().map(|key| Dependency {
            target: Target::Service((*key).into()),
            via: Via::Env,
            evidence: String::new(),
            ..Dependency::default()
        });
        let service = Service {
            name: name.into(),
            namespace: "apps".into(),
            deployment: (kind == "Deployment").then(|| name.into()),
            workload: Some(Workload {
                kind: kind.into(),
                api_version: "apps/v1".into(),
                name: name.into(),
            }),
            depends_on: needs.collect(),
            ..Service::default()
        };
        (name.to_owned(), service)
    }

    fn chosen(services: Vec<(String, Service)>) -> Option<Example> {
        let infra = Infrastructure {
            services: services.into_iter().collect(),
            ..Infrastructure::default()
        };
        Example::choose(&infra, &recognise(&infra), &dependents(&infra))
    }

    #[test]
    fn the_most_needed_deployment_that_is_no_component() {
        let example = chosen(vec![
            workload("StatefulSet", "redis", &[]),
            workload("Deployment", "api", &["redis"]),
            workload("Deployment", "worker", &["redis", "api"]),
            workload("Deployment", "beat", &["redis"]),
        ])
        .expect("an example");
        assert_eq!(
            (example.key.as_str(), example.workload.as_str()),
            ("api", "deploy/api")
        );
        assert_eq!(example.label, "app.kubernetes.io/name=api");
    }

    #[test]
    fn a_name_that_cannot_stand_in_a_command_is_passed_over() {
        let example = chosen(vec![
            workload("Deployment", "a; id", &[]),
            workload("DaemonSet", "z", &[]),
        ]);
        assert_eq!(example.map(|example| example.workload).as_deref(), Some("ds/z"));
        assert_eq!(
            chosen(vec![workload("Deployment", "a'b", &[])]).map(|example| example.key),
            None
        );
    }
}

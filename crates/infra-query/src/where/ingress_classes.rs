//! Ingress controllers by the class that they serve, for repositories with several.

use infra_model::Key;
use infra_model::flux::HelmRelease;
use infra_model::object::ObjectField;
use infra_model::service::Service;

use super::fact::{Told, fact};
use crate::Facts;
use crate::facts::entries;

/// Paths among the values of ingress controllers with the class that they serve: those of ingress-nginx and HAProxy, of
/// Traefik, and of charts that make an IngressClass.
const SERVES: [&str; 4] = [
    "controller.ingressClass",
    "kubernetesIngress.ingressClass",
    "ingressClassResource.name",
    "ingressClass.name",
];

/// The controllers of the classes by which hosts of a service are reached; empty if there is only one controller.
pub(super) fn classes(facts: &dyn Facts, service: &Service, release: Option<&HelmRelease>) -> Vec<Told> {
    let ingresses = service.routes.iter().filter(|route| route.kind == "Ingress");
    let of_routes = ingresses.filter_map(|route| route.through.as_deref());
    let of_values = release.into_iter().flat_map(|release| &release.values);
    let of_values = of_values.filter(|(path, _)| {
        let key = path.rsplit('.').next().unwrap_or(path);
        path.contains("ngress") && matches!(key, "className" | "ingressClassName")
    });
    let mut asked: Vec<&str> = of_routes
        .chain(of_values.map(|(_, field)| field.value.as_str()))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return Vec::new();
    }
    let served = served(facts);
    if served.len() < 2 {
        return Vec::new();
    }
    let lines = asked.into_iter().flat_map(|class| {
        let by = served.iter().filter(move |(_, _, own)| own.value == class);
        by.map(move |(key, release, field)| {
            let (label, text) = (format!("class {class}"), format!("served by HelmRelease {key}"));
            fact(&label, text, field.place(release.source.as_ref()))
        })
    });
    lines.collect()
}

/// The HelmReleases of controllers, each with the value of its class.
fn served(facts: &dyn Facts) -> Vec<(&str, &HelmRelease, &ObjectField)> {
    let releases = entries(facts.helm_releases(), &["ingressClass"]);
    let serves = |path: &&Key| {
        SERVES.iter().any(|end| {
            path.strip_suffix(end)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    let stated = releases.filter_map(|(key, release)| {
        let path = release.values.keys().find(serves)?;
        Some((key, release, release.values.get(path)?))
    });
    stated.collect()
}

//! Ingresses turn into hosts, Services and paths.

use super::{Hosts, Leading};
use crate::inventory::Inventory;
use crate::kube_services::KubeServices;
use crate::view::View;

impl Hosts {
    /// Those of Ingresses.
    pub(super) fn ingresses<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory.of(group, "Ingress") {
                let view = inventory.view(object);
                let class = view
                    .text_at(&["spec", "ingressClassName"])
                    .or_else(|| object.annotation("kubernetes.io/ingress.class"));
                let by = Leading {
                    inventory,
                    object,
                    through: class.map(str::to_owned),
                };
                for (host, service, path) in ingress(view) {
                    self.lead(services, host, (object.namespace, service), path, &by);
                }
            }
        }
    }
}

/// Hosts, the Services behind them, and the path that leads there.
fn ingress(view: View<'_>) -> Vec<(&'_ str, &'_ str, Vec<String>)> {
    let mut found = Vec::new();
    let rules: Vec<View<'_>> = view
        .at(&["spec", "rules"])
        .into_iter()
        .flat_map(View::items)
        .collect();
    for rule in &rules {
        let host = rule.text_of("host").unwrap_or_default();
        for path in rule.at(&["http", "paths"]).into_iter().flat_map(View::items) {
            let requests = Some(path.text_of("path").unwrap_or("/"));
            found.extend(
                path.get("backend")
                    .and_then(backend_service)
                    .map(|service| (host, service, requests.into_iter().map(str::to_owned).collect())),
            );
        }
    }
    // The default backend answers for the hosts of rules without paths.
    let default = ["defaultBackend", "backend"]
        .iter()
        .find_map(|field| view.at(&["spec", field]));
    if let Some(service) = default.and_then(backend_service) {
        let without_paths = rules.iter().filter(|rule| rule.get("http").is_none());
        found.extend(without_paths.filter_map(|rule| Some((rule.text_of("host")?, service, Vec::new()))));
    }
    found
}

/// `service.name`, or `serviceName` of the beta versions.
fn backend_service(backend: View<'_>) -> Option<&str> {
    backend
        .text_at(&["service", "name"])
        .or_else(|| backend.text_of("serviceName"))
}

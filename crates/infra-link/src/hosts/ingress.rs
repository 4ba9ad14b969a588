//! Hosts, Services and paths of Ingresses.

use super::{Hosts, Router};
use crate::inventory::Inventory;
use crate::kube_services::KubeServices;
use crate::view::View;

impl Hosts {
    /// Adds the hosts of Ingresses.
    pub(super) fn add_ingresses<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for group in ["networking.k8s.io", "extensions"] {
            for object in inventory.of(group, "Ingress") {
                let view = inventory.view(object);
                let class = view
                    .text_at(&["spec", "ingressClassName"])
                    .or_else(|| object.annotation("kubernetes.io/ingress.class"));
                let router = Router::new(inventory, object, class.map(str::to_owned));
                for (host, service, path) in ingress(view) {
                    self.add_host(services, host, (object.namespace, service), path, &router);
                }
            }
        }
    }
}

/// The hosts of an Ingress, their Services, and the path of each.
fn ingress(view: View<'_>) -> Vec<(&'_ str, &'_ str, Vec<String>)> {
    let mut found = Vec::new();
    let rules: Vec<View<'_>> = view.items_at(&["spec", "rules"]).collect();
    for rule in &rules {
        let host = rule.text_of("host").unwrap_or_default();
        for path in rule.items_at(&["http", "paths"]) {
            let request = path.text_of("path").unwrap_or("/");
            let service = path.get("backend").and_then(backend_service);
            found.extend(service.map(|service| (host, service, vec![request.to_owned()])));
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

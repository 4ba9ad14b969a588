//! Hosts and Services of Istio's VirtualServices.

use super::{Hosts, Router};
use crate::inventory::Inventory;
use crate::kube_services::KubeServices;
use crate::view::View;

impl Hosts {
    /// Adds the hosts of VirtualServices.
    pub(super) fn add_virtual_services<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        services: &KubeServices<'a>,
    ) {
        for object in inventory.of("networking.istio.io", "VirtualService") {
            let view = inventory.view(object);
            let router = Router::new(inventory, object, None);
            let names: Vec<&str> = view
                .items_at(&["spec", "hosts"])
                .filter_map(View::text)
                // Names inside the cluster are no hosts that lead to it from outside.
                .filter(|host| host.contains('.') && !host.contains(".svc"))
                .collect();
            let protocols = ["http", "tls", "tcp"].iter();
            for destination in protocols
                .flat_map(|protocol| view.items_at(&["spec", protocol]))
                .flat_map(|route| route.items_of("route"))
                .filter_map(|route| route.text_at(&["destination", "host"]))
            {
                let mut labels = destination.split('.');
                let service = labels.next().unwrap_or_default();
                let namespace = labels.next().unwrap_or(object.namespace);
                if !services.has_namespace(namespace) {
                    continue;
                }
                for host in &names {
                    self.add_host(services, host, (namespace, service), Vec::new(), &router);
                }
            }
        }
    }
}

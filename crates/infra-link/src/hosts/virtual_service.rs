//! VirtualServices of Istio turn into hosts, Services and requests.

use super::{Hosts, Leading};
use crate::inventory::Inventory;
use crate::kube_services::KubeServices;
use crate::view::View;

impl Hosts {
    /// Those of VirtualServices.
    pub(super) fn virtual_services<'a>(&mut self, inventory: &'a Inventory<'a>, services: &KubeServices<'a>) {
        for object in inventory.of("networking.istio.io", "VirtualService") {
            let view = inventory.view(object);
            let by = Leading {
                inventory,
                object,
                through: None,
            };
            let names: Vec<&str> = view
                .at(&["spec", "hosts"])
                .into_iter()
                .flat_map(View::items)
                .filter_map(View::text)
                // Names inside the cluster are no hosts that lead to it from outside.
                .filter(|host| host.contains('.') && !host.contains(".svc"))
                .collect();
            let routes = ["http", "tls", "tcp"]
                .iter()
                .filter_map(|protocol| view.at(&["spec", protocol]));
            for destination in routes
                .flat_map(View::items)
                .filter_map(|route| route.get("route"))
                .flat_map(View::items)
                .filter_map(|route| route.text_at(&["destination", "host"]))
            {
                let mut labels = destination.split('.');
                let service = labels.next().unwrap_or_default();
                let namespace = labels.next().unwrap_or(object.namespace);
                if !services.has_namespace(namespace) {
                    continue;
                }
                for host in &names {
                    self.lead(services, host, (namespace, service), Vec::new(), &by);
                }
            }
        }
    }
}

//! Hosts and Services of Traefik's IngressRoutes.

use super::{Hosts, Router};
use crate::inventory::{Inventory, Object};
use crate::kube_services::KubeServices;
use crate::view::View;

impl Hosts {
    /// Adds the hosts of IngressRoutes.
    pub(super) fn add_ingress_routes<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        services: &KubeServices<'a>,
    ) {
        for group in ["traefik.io", "traefik.containo.us"] {
            for object in inventory.of_kinds(group, &["IngressRoute", "IngressRouteTCP"]) {
                let router = Router::new(inventory, object, None);
                for (host, to) in ingress_route(object, inventory.view(object)) {
                    self.add_host(services, host, to, Vec::new(), &router);
                }
            }
        }
    }
}

/// The hosts of an IngressRoute, with namespaces and names of their Services. Its rules are texts such as
/// ``Host(`a`) && Path(`/`)``.
fn ingress_route<'a>(object: &Object<'a>, view: View<'a>) -> Vec<(&'a str, (&'a str, &'a str))> {
    let mut found = Vec::new();
    for route in view.items_at(&["spec", "routes"]) {
        let hosts = hosts_of_rule(route.text_of("match").unwrap_or_default());
        for service in route.items_of("services") {
            // A TraefikService is no Service.
            if service.text_of("kind").is_none_or(|kind| kind == "Service")
                && let Some(name) = service.text_of("name")
            {
                let namespace = service.text_of("namespace").unwrap_or(object.namespace);
                found.extend(hosts.iter().map(|host| (*host, (namespace, name))));
            }
        }
    }
    found
}

/// The hosts in the calls of `Host` and `HostSNI` of a rule.
fn hosts_of_rule(rule: &str) -> Vec<&str> {
    let mut hosts = Vec::new();
    for call in ["Host(", "HostSNI("] {
        let mut rest = rule;
        while let Some(at) = rest.find(call) {
            // `!Host(…)` excludes a host, and `xHost(` is another function.
            let before = rest.get(..at).and_then(|before| before.chars().next_back());
            rest = rest.get(at + call.len()..).unwrap_or_default();
            let Some((arguments, after)) = rest.split_once(')') else {
                break;
            };
            rest = after;
            if before.is_some_and(|c| c == '!' || c.is_alphanumeric()) {
                continue;
            }
            hosts.extend(
                arguments
                    .split(',')
                    .map(|argument| argument.trim().trim_matches(['`', '"', '\'']))
                    .filter(|host| !host.is_empty()),
            );
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_traefik() {
        for (rule, hosts) in [
            ("Host(`a.io`) && PathPrefix(`/x`)", &["a.io"][..]),
            (
                "Host(`a.io`, `b.io`) || Host(\"c.io\")",
                &["a.io", "b.io", "c.io"],
            ),
            ("HostSNI(`a.io`)", &["a.io"]),
            ("!Host(`a.io`) && HostRegexp(`.*`)", &[]),
            ("Host(`a.io", &[]),
        ] {
            assert_eq!(hosts_of_rule(rule), hosts, "{rule}");
        }
    }
}

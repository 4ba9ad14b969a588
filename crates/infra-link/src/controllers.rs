//! Flags of Flux's controllers, as far as a repository states them.

use yaml_node::Node;

use crate::inventory::{Inventory, OPERATOR};

const NO_CROSS_NAMESPACE: &str = "--no-cross-namespace-refs";
const DEFAULT_ACCOUNT: &str = "--default-service-account";

/// flux-operator's default account for tenants.
const OPERATOR_ACCOUNT: &str = "default";

/// The controllers of a cluster.
pub(crate) struct Controllers<'a> {
    /// Names of controllers, and the flags of each.
    flags: Vec<(&'a str, Vec<&'a str>)>,
    /// The account of tenants, if a FluxInstance locks them in.
    tenants: Option<&'a str>,
}

impl<'a> Controllers<'a> {
    /// Reads the Deployments and FluxInstances of an inventory.
    pub(crate) fn of(inventory: &Inventory<'a>) -> Self {
        let deployments = inventory.of("apps", "Deployment");
        let controllers = deployments.filter(|object| object.name.ends_with("-controller"));
        let flags = controllers.map(|object| (object.name, flags(object.node())));
        let mut instances = inventory.of(OPERATOR, "FluxInstance").map(|object| object.node());
        let tenants = instances.find_map(|instance| {
            let cluster = instance.at(&["spec", "cluster"])?;
            let is_locked = cluster.get("multitenant").and_then(Node::as_bool) == Some(true);
            let account = cluster
                .text_at(&["tenantDefaultServiceAccount"])
                .unwrap_or(OPERATOR_ACCOUNT);
            is_locked.then_some(account)
        });
        Controllers {
            flags: flags.collect(),
            tenants,
        }
    }

    /// Whether a controller refuses references to objects of other namespaces.
    pub(crate) fn refuses_other_namespaces(&self, controller: &str) -> bool {
        let flag = self.flag(controller, NO_CROSS_NAMESPACE);
        self.tenants.is_some() || flag.is_some_and(|value| value != "false")
    }

    /// The account as which a controller applies objects without one.
    pub(crate) fn default_account(&self, controller: &str) -> Option<&'a str> {
        let flag = self.flag(controller, DEFAULT_ACCOUNT);
        flag.filter(|account| !account.is_empty()).or(self.tenants)
    }

    /// The last value of a flag, empty if it is set without one.
    fn flag(&self, controller: &str, name: &str) -> Option<&'a str> {
        let (_, flags) = self.flags.iter().find(|(known, _)| *known == controller)?;
        flags
            .iter()
            .rev()
            .find_map(|flag| match flag.strip_prefix(name)? {
                "" => Some(""),
                rest => rest.strip_prefix('='),
            })
    }
}

/// The arguments of the containers of a Deployment.
fn flags(deployment: &Node) -> Vec<&str> {
    let containers = deployment.at(&["spec", "template", "spec", "containers"]);
    let containers = containers.map_or(&[][..], Node::items).iter();
    let arguments = containers.filter_map(|container| container.get("args"));
    arguments.flat_map(Node::items).filter_map(Node::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_flag_counts() {
        let flags = vec![
            "--no-cross-namespace-refs",
            "--default-service-account=a",
            "--default-service-account=b",
        ];
        let controllers = Controllers {
            flags: vec![("helm-controller", flags)],
            tenants: None,
        };
        assert!(controllers.refuses_other_namespaces("helm-controller"));
        assert!(!controllers.refuses_other_namespaces("kustomize-controller"));
        assert_eq!(controllers.default_account("helm-controller"), Some("b"));
        let controllers = Controllers {
            flags: vec![(
                "helm-controller",
                vec![
                    "--no-cross-namespace-refs=true",
                    "--no-cross-namespace-refs=false",
                ],
            )],
            tenants: None,
        };
        assert!(!controllers.refuses_other_namespaces("helm-controller"));
    }
}

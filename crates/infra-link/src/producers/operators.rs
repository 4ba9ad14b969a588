//! Secrets and ConfigMaps that other operators make of their resources.

use flux_evaluate::flux::operator_objects;

use super::{ProducerKeys, Producers};
use crate::inventory::Inventory;
use crate::uses::Used;

impl Producers {
    /// What other operators make of their resources, and Secrets with the outputs of Crossplane resources and of Terraform
    /// objects.
    pub(super) fn operators<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory
            .objects
            .iter()
            .filter(|object| object.group.contains('.'))
        {
            let view = inventory.view(object);
            for made in operator_objects(view.node) {
                let used = match made.kind.as_str() {
                    "ConfigMap" => Used::ConfigMap,
                    _ => Used::Secret,
                };
                // What it is applied to may put the object into a namespace that its text lacks.
                let namespace = match made.namespace.as_str() {
                    "" => object.namespace,
                    namespace => namespace,
                };
                self.add(used, namespace, &made.name, || keys.objects.kind_key(object));
            }
            for field in [
                "writeConnectionSecretToRef",
                "publishConnectionDetailsTo",
                "writeOutputsToSecret",
            ] {
                let Some(reference) = view.at(&["spec", field]) else {
                    continue;
                };
                let Some(name) = reference.text_of("name") else {
                    continue;
                };
                let namespace = reference.text_of("namespace").unwrap_or(object.namespace);
                self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
            }
        }
    }
}

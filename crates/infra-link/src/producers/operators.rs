//! Secrets and ConfigMaps that operators of databases, clouds and the like make of their resources.

use flux_evaluate::flux::operator_objects;

use super::{ProducerKeys, Producers};
use crate::inventory::Inventory;
use crate::uses::Used;

impl Producers {
    /// Adds the objects that operators make of their resources, and Secrets with the outputs of Crossplane resources and of
    /// Terraform objects.
    pub(super) fn add_operators<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        let objects = inventory.objects.iter();
        for object in objects.filter(|object| object.group.contains('.')) {
            let view = inventory.view(object);
            for made in operator_objects(view.node) {
                let used = Used::of_data(&made.kind).unwrap_or(Used::Secret);
                // The namespace may come from the Kustomization, and not from the text of the object.
                let namespace = match made.namespace.as_str() {
                    "" => object.namespace,
                    namespace => namespace,
                };
                self.add(used, namespace, &made.name, || keys.objects.kind_key(object));
            }
            let Some(spec) = view.get("spec") else { continue };
            for field in [
                "writeConnectionSecretToRef",
                "publishConnectionDetailsTo",
                "writeOutputsToSecret",
            ] {
                if let Some(reference) = spec.get(field)
                    && let Some(name) = reference.text_of("name")
                {
                    let namespace = reference.text_of("namespace").unwrap_or(object.namespace);
                    self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
                }
            }
        }
    }
}

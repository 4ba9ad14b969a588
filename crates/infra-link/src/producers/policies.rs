//! What rules of Kyverno make.

use infra_model::ObjectRef;

use super::{ProducerKeys, Producers};
use crate::copies::Namespace;
use crate::copies_by_policy;
use crate::inventory::{Inventory, Object};

impl Producers {
    /// What rules of Kyverno make in namespaces.
    pub(super) fn policies(&mut self, inventory: &Inventory<'_>, keys: &ProducerKeys<'_>) {
        let policies = inventory.of(copies_by_policy::GROUP, "ClusterPolicy");
        let policies: Vec<&Object<'_>> = policies
            .chain(inventory.of(copies_by_policy::GROUP, "Policy"))
            .collect();
        if policies.is_empty() {
            return;
        }
        let namespaces = Namespace::all(inventory);
        for policy in policies {
            let key = keys.objects.kind_key(policy);
            for generated in copies_by_policy::generated(inventory.view(policy), policy.namespace) {
                let (used, name) = (generated.used, generated.name);
                self.anywhere.insert((used, name.to_owned()));
                let original = generated
                    .origin
                    .map(|(namespace, name)| ObjectRef::new(used.kind(), namespace, name));
                let maker = original
                    .as_ref()
                    .and_then(|original| self.made.get(original))
                    .cloned();
                let to = generated.copied_to(&key);
                for namespace in namespaces.iter().filter(|known| generated.is_into(known)) {
                    match (generated.origin, &maker) {
                        (Some(origin), Some(maker)) => {
                            self.add_copy(used, (namespace.name, name), origin, &to.by, maker);
                        }
                        (Some(_), None) => {}
                        (None, _) => self.add(used, namespace.name, name, || key.clone()),
                    }
                }
                if let Some(original) = original {
                    self.copied_to.entry(original).or_insert(to);
                }
            }
        }
    }
}

//! ConfigMaps and Secrets that rules of Kyverno make.

use std::collections::BTreeSet;

use infra_model::ObjectRef;

use super::{ProducerKeys, Producers};
use crate::copies::Namespace;
use crate::copies_by_policy;
use crate::inventory::Inventory;

impl Producers {
    /// Adds the objects that rules of Kyverno make in namespaces.
    pub(super) fn add_policies(
        &mut self,
        inventory: &Inventory<'_>,
        namespaces: &[Namespace<'_>],
        keys: &ProducerKeys<'_>,
    ) {
        for policy in inventory.of_kinds(copies_by_policy::GROUP, &["ClusterPolicy", "Policy"]) {
            let key = keys.objects.kind_key(policy);
            for generated in copies_by_policy::generated(inventory.view(policy), policy.namespace) {
                let (used, name) = (generated.used, generated.name);
                self.add_anywhere(used, name, BTreeSet::new());
                let object = |(namespace, name)| ObjectRef::new(used.kind(), namespace, name);
                let original: Option<ObjectRef> = generated.origin.map(object);
                let maker = original.as_ref().and_then(|original| self.made.get(original));
                let maker = maker.cloned();
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

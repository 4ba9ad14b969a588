//! Secrets of Sealed Secrets, External Secrets, the Vault Secrets Operator and the Secrets Store CSI Driver.

use infra_model::ObjectRef;

use super::{ProducerKeys, Producers};
use crate::inventory::{Inventory, Object};
use crate::kinds::{external_secret, sealed_secret, secret_provider_class, vault_secret};
use crate::uses::Used;

impl Producers {
    pub(super) fn secret_operators<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of(sealed_secret::GROUP, "SealedSecret") {
            let name = sealed_secret::target(object);
            self.add(Used::Secret, object.namespace, name, || {
                keys.objects.kind_key(object)
            });
        }
        let shared = |table: &infra_model::KeyTable, object: &Object<'_>| {
            let key = table
                .get(&object.object_name())
                .cloned()
                .unwrap_or_else(|| object.name.to_owned());
            format!("{}/{key}", object.kind)
        };
        for kind in ["ExternalSecret", "ClusterExternalSecret"] {
            for object in inventory.of(external_secret::GROUP, kind) {
                let view = inventory.view(object);
                let Some((made, name)) = external_secret::made(object, view) else {
                    continue;
                };
                let used = match made {
                    "ConfigMap" => Used::ConfigMap,
                    _ => Used::Secret,
                };
                if kind == "ExternalSecret" {
                    // What adds to a Secret comes after all that may make it.
                    if external_secret::is_merged(object, view) {
                        continue;
                    }
                    self.add(used, object.namespace, name, || {
                        shared(keys.external_secrets, object)
                    });
                    continue;
                }
                for namespace in external_secret::namespaces(inventory, view) {
                    self.add(used, namespace, name, || shared(keys.external_secrets, object));
                }
                self.anywhere.insert((used, name.to_owned()));
            }
        }
        for object in vault_secret::KINDS
            .iter()
            .flat_map(|kind| inventory.of(vault_secret::GROUP, kind))
        {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| !vault_secret::is_merged(view)) {
                self.add(Used::Secret, object.namespace, name, || {
                    shared(keys.vault_secrets, object)
                });
            }
        }
        for (name, object) in secret_provider_class::synced(inventory) {
            self.add(Used::Secret, &name.namespace, &name.name, || {
                keys.objects.kind_key(object)
            });
        }
    }

    /// Secrets to which ExternalSecrets and objects of the Vault Secrets Operator add.
    pub(super) fn merged<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of(external_secret::GROUP, "ExternalSecret") {
            let view = inventory.view(object);
            let target = external_secret::target(object, view);
            let Some(name) = target.filter(|_| external_secret::is_merged(object, view)) else {
                continue;
            };
            self.add_merged(object, name, keys.external_secrets);
        }
        for object in vault_secret::KINDS
            .iter()
            .flat_map(|kind| inventory.of(vault_secret::GROUP, kind))
        {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| vault_secret::is_merged(view)) {
                self.add_merged(object, name, keys.vault_secrets);
            }
        }
    }

    pub(super) fn add_merged(&mut self, object: &Object<'_>, name: &str, table: &infra_model::KeyTable) {
        let secret = ObjectRef::new("Secret", object.namespace, name);
        if !self.made.contains_key(&secret) {
            self.merged_only.insert(secret);
        }
        self.add(Used::Secret, object.namespace, name, || {
            let key = table.get(&object.object_name());
            format!("{}/{}", object.kind, key.map_or(object.name, |key| key))
        });
    }
}

//! Secrets of Sealed Secrets, External Secrets, the Vault Secrets Operator and the Secrets Store CSI Driver.

use infra_model::{KeyTable, ObjectRef};

use super::{ProducerKeys, Producers};
use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::kinds::{external_secret, push_secret, sealed_secret, secret_provider_class, vault_secret};
use crate::uses::Used;

impl Producers {
    pub(super) fn secret_operators<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        namespaces: &[Namespace<'a>],
        keys: &ProducerKeys<'_>,
    ) {
        for object in inventory.of(sealed_secret::GROUP, "SealedSecret") {
            let name = sealed_secret::target(object);
            self.add(Used::Secret, object.namespace, name, || {
                keys.objects.kind_key(object)
            });
        }
        for kind in external_secret::KINDS {
            for object in inventory.of(external_secret::GROUP, kind) {
                let view = inventory.view(object);
                let Some((made, name)) = external_secret::made(object, view) else {
                    continue;
                };
                let used = match made {
                    "ConfigMap" => Used::ConfigMap,
                    _ => Used::Secret,
                };
                if object.kind == "ExternalSecret" {
                    // What adds to a Secret comes after all that may make it.
                    if external_secret::is_merged(object, view) {
                        continue;
                    }
                    self.add(used, object.namespace, name, || {
                        shared(keys.external_secrets, object)
                    });
                    continue;
                }
                let made = external_secret::namespaces(namespaces, view);
                for namespace in made.made_in {
                    self.add(used, namespace, name, || shared(keys.external_secrets, object));
                }
                let left_out = made.left_out.into_iter().map(str::to_owned);
                self.add_anywhere(used, name, left_out.collect());
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
        for object in inventory.of(external_secret::GROUP, "PushSecret") {
            for (namespace, name) in push_secret::made(inventory, object, inventory.view(object)) {
                self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
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

    fn add_merged(&mut self, object: &Object<'_>, name: &str, table: &KeyTable) {
        let secret = ObjectRef::new("Secret", object.namespace, name);
        if !self.made.contains_key(&secret) {
            self.merged_only.insert(secret);
        }
        self.add(Used::Secret, object.namespace, name, || shared(table, object));
    }
}

/// An object as `Kind/<key>`, by the keys of a section that several kinds share.
fn shared(table: &KeyTable, object: &Object<'_>) -> String {
    let key = table.get(&object.object_name());
    format!("{}/{}", object.kind, key.map_or(object.name, |key| key))
}

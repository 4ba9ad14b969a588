//! Secrets of Sealed Secrets, External Secrets, the Vault Secrets Operator and the Secrets Store CSI Driver.

use infra_model::{KeyTable, ObjectRef};

use super::{ProducerKeys, Producers};
use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::kinds::{external_secret, push_secret, sealed_secret, secret_provider_class, vault_secret};
use crate::uses::Used;

impl Producers {
    /// Adds the Secrets that these operators make; [`Producers::add_merged`] adds those that they only add to.
    pub(super) fn add_secret_operators<'a>(
        &mut self,
        inventory: &'a Inventory<'a>,
        namespaces: &[Namespace<'a>],
        keys: &ProducerKeys<'_>,
    ) {
        for object in inventory.of(sealed_secret::GROUP, "SealedSecret") {
            self.add_own(Used::Secret, object, sealed_secret::target(object), keys);
        }
        for object in inventory.of_kinds(external_secret::GROUP, external_secret::KINDS) {
            let view = inventory.view(object);
            let Some((used, name)) = external_secret::made_object(object, view) else {
                continue;
            };
            let key = || shared_key(keys.external_secrets, object);
            if object.kind == "ExternalSecret" {
                if !external_secret::is_merged(object, view) {
                    self.add(used, object.namespace, name, key);
                }
                continue;
            }
            let made = external_secret::namespaces(namespaces, view);
            for namespace in made.made_in {
                self.add(used, namespace, name, key);
            }
            let left_out = made.left_out.into_iter().map(str::to_owned);
            self.add_anywhere(used, name, left_out.collect());
        }
        for object in inventory.of_kinds(vault_secret::GROUP, vault_secret::KINDS) {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| !vault_secret::is_merged(view)) {
                self.add(Used::Secret, object.namespace, name, || {
                    shared_key(keys.vault_secrets, object)
                });
            }
        }
        for object in inventory.of(external_secret::GROUP, "PushSecret") {
            for (namespace, name) in push_secret::made_secrets(inventory, object, inventory.view(object)) {
                self.add(Used::Secret, namespace, name, || keys.objects.kind_key(object));
            }
        }
        for (name, object) in secret_provider_class::synced(inventory) {
            self.add_own(Used::Secret, object, &name.name, keys);
        }
    }

    /// Adds the Secrets to which ExternalSecrets and objects of the Vault Secrets Operator add, after everything that may make
    /// them.
    pub(super) fn add_merged<'a>(&mut self, inventory: &'a Inventory<'a>, keys: &ProducerKeys<'_>) {
        for object in inventory.of(external_secret::GROUP, "ExternalSecret") {
            let view = inventory.view(object);
            let target = external_secret::target(object, view);
            if let Some(name) = target.filter(|_| external_secret::is_merged(object, view)) {
                self.add_merged_secret(object, name, keys.external_secrets);
            }
        }
        for object in inventory.of_kinds(vault_secret::GROUP, vault_secret::KINDS) {
            let view = inventory.view(object);
            if let Some(name) = vault_secret::destination(view).filter(|_| vault_secret::is_merged(view)) {
                self.add_merged_secret(object, name, keys.vault_secrets);
            }
        }
    }

    fn add_merged_secret(&mut self, object: &Object<'_>, name: &str, table: &KeyTable) {
        let secret = ObjectRef::new("Secret", object.namespace, name);
        if !self.makes(&secret) {
            self.merged_only.insert(secret);
        }
        self.add(Used::Secret, object.namespace, name, || shared_key(table, object));
    }
}

/// An object as `Kind/<key>`, by the keys of a section that several kinds share.
fn shared_key(table: &KeyTable, object: &Object<'_>) -> String {
    let key = table.find(object.kind, object.namespace, object.name);
    format!("{}/{}", object.kind, key.map_or(object.name, |key| key))
}

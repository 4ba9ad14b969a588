//! The common part of the entries of `secrets-map.json`.

use infra_model::secrets::Entry;

use crate::inventory::{Inventory, Object};

/// The common part of an entry of `secrets-map.json`, without users.
pub(crate) fn entry(inventory: &Inventory<'_>, object: &Object<'_>) -> Entry {
    Entry {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        used_by: Vec::new(),
        source: inventory.source(object),
    }
}

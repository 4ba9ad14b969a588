//! The common part of the entries of `secrets-map.json`.

use infra_model::{Key, Place};

use crate::inventory::{Inventory, Object};

/// What the entry of every applied object has.
pub(crate) struct Applied {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) kustomization: Option<Key>,
    pub(crate) also_applied_by: Vec<Key>,
    pub(crate) source: Option<Place>,
}

/// What the entry of an applied object has.
pub(crate) fn applied(inventory: &Inventory<'_>, object: &Object<'_>) -> Applied {
    Applied {
        name: object.name.to_owned(),
        namespace: object.namespace.to_owned(),
        kustomization: inventory.kustomization(object),
        also_applied_by: inventory.also_applied_by(object),
        source: inventory.source(object),
    }
}

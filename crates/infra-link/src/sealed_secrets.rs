//! Catalog entries of SealedSecrets: the Secret that each makes, and its keys.
//!
//! Type: <https://github.com/bitnami-labs/sealed-secrets>.

use std::collections::BTreeMap;

use infra_model::Key;
use infra_model::secrets::SealedSecret;

use crate::distinct::distinct;
use crate::kinds::sealed_secret::{GROUP, target};
use crate::linker::Linker;
use crate::uses::Used;

/// The map `sealed_secrets`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SealedSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    for object in inventory.of(GROUP, "SealedSecret") {
        let view = inventory.view(object);
        let paths = [&["spec", "encryptedData"][..], &["spec", "template", "data"]];
        let entries = paths.iter().flat_map(|path| view.entries_at(path));
        let secret = SealedSecret {
            name: object.name.to_owned(),
            namespace: object.namespace.to_owned(),
            target: target(object).to_owned(),
            keys: distinct(entries.map(|(key, _)| key.to_owned())),
            copied_to: linker
                .producers
                .copied_to(Used::Secret, object.namespace, target(object)),
            kustomization: inventory.kustomization(object),
            also_applied_by: inventory.also_applied_by(object),
            used_by: linker.users_of_secret(object.namespace, target(object)),
            source: inventory.source(object),
        };
        secrets.insert(linker.object_keys.key(object), secret);
    }
    secrets
}

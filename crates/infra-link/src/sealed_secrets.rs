//! Catalog entries of SealedSecrets: the Secret that each makes, and its keys.
//!
//! Type: <https://github.com/bitnami-labs/sealed-secrets>.

use std::collections::BTreeMap;

use infra_model::Key;
use infra_model::secrets::SealedSecret;

use crate::kinds::sealed_secret::{GROUP, target};
use crate::linker::Linker;
use crate::secret_entry::{Applied, applied};
use crate::uses::Used;
use crate::view::View;

/// The map `sealed_secrets`.
pub(crate) fn link(linker: &Linker<'_>) -> BTreeMap<Key, SealedSecret> {
    let inventory = linker.inventory;
    let mut secrets = BTreeMap::new();
    for object in inventory.of(GROUP, "SealedSecret") {
        let view = inventory.view(object);
        let mut keys: Vec<String> = [&["spec", "encryptedData"][..], &["spec", "template", "data"]]
            .iter()
            .filter_map(|path| view.at(path))
            .flat_map(View::entries)
            .map(|(key, _)| key.to_owned())
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let Applied {
            name,
            namespace,
            kustomization,
            also_applied_by,
            source,
        } = applied(inventory, object);
        let secret = SealedSecret {
            name,
            namespace,
            target: target(object).to_owned(),
            keys,
            copied_to: linker
                .producers
                .copied_to(Used::Secret, object.namespace, target(object)),
            kustomization,
            also_applied_by,
            used_by: linker.users_of_secret(object.namespace, target(object)),
            source,
        };
        let key = linker.object_keys.key(object);
        secrets.insert(key, secret);
    }
    secrets
}

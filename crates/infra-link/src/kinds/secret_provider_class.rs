//! Secrets that a SecretProviderClass of the Secrets Store CSI driver syncs to.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::ObjectRef;

use crate::inventory::{Inventory, Object};
use crate::uses::{Certainty, Use, Used};

/// API group of SecretProviderClass.
pub(crate) const GROUP: &str = "secrets-store.csi.x-k8s.io";

/// The Secrets that classes sync to, each with its class.
pub(crate) fn synced<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = (ObjectRef, &'a Object<'a>)> {
    inventory.of(GROUP, "SecretProviderClass").flat_map(|object| {
        let secrets = inventory.view(object).items_at(&["spec", "secretObjects"]);
        secrets.filter_map(move |secret| {
            Some((
                ObjectRef::new("Secret", object.namespace, secret.text_of("secretName")?),
                object,
            ))
        })
    })
}

/// Secrets of which no pod mounts any class that syncs them, each with a class
/// (<https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret>).
pub(crate) fn unmounted<'a>(
    inventory: &'a Inventory<'a>,
    uses: &[Use],
) -> BTreeMap<ObjectRef, &'a Object<'a>> {
    let mounted: BTreeSet<(&str, &str)> = uses
        .iter()
        // The kubelet ignores volumes that no container mounts.
        .filter(|found| found.certainty != Certainty::Stated || found.mount_path.is_some())
        .filter(|found| found.used == Used::SecretProviderClass)
        .map(|found| (found.namespace.as_str(), found.name.as_str()))
        .collect();
    let mut unmounted = BTreeMap::new();
    let mut made = BTreeSet::new();
    for (secret, class) in synced(inventory) {
        if mounted.contains(&(class.namespace, class.name)) {
            made.insert(secret);
        } else {
            unmounted.entry(secret).or_insert(class);
        }
    }
    unmounted.retain(|secret, _| !made.contains(secret));
    unmounted
}

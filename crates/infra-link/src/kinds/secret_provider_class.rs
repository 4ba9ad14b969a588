//! SecretProviderClass of the Secrets Store CSI driver: the Secrets that it syncs to.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::ObjectRef;

use crate::inventory::{Inventory, Object};
use crate::uses::{Certainty, Use, Used};
use crate::view::View;

/// API group of SecretProviderClass.
pub(crate) const GROUP: &str = "secrets-store.csi.x-k8s.io";

/// Names of the Secrets that classes sync to, with the class that does.
pub(crate) fn synced<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = (ObjectRef, &'a Object<'a>)> {
    inventory.of(GROUP, "SecretProviderClass").flat_map(|object| {
        let secrets = inventory
            .view(object)
            .at(&["spec", "secretObjects"])
            .into_iter()
            .flat_map(View::items);
        secrets.filter_map(move |secret| {
            Some((
                ObjectRef::new("Secret", object.namespace, secret.text_of("secretName")?),
                object,
            ))
        })
    })
}

/// Secrets that classes sync, of which no pod mounts any, with a class
/// (<https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret>).
pub(crate) fn unmounted<'a>(
    inventory: &'a Inventory<'a>,
    uses: &[Use],
) -> BTreeMap<ObjectRef, &'a Object<'a>> {
    let mounted: BTreeSet<(&str, &str)> = uses
        .iter()
        // A volume that no container mounts is none for the kubelet.
        .filter(|one| one.certainty != Certainty::Stated || one.mount_path.is_some())
        .filter(|one| one.used == Used::SecretProviderClass)
        .map(|one| (one.namespace.as_str(), one.name.as_str()))
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

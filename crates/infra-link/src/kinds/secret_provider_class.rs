//! SecretProviderClass of the Secrets Store CSI driver: the Secrets that it syncs to.

use infra_model::ObjectRef;

use crate::inventory::{Inventory, Object};
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

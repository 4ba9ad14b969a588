//! PushSecret of the External Secrets Operator: the stores that it writes to, and the Secrets that it makes in the cluster.

use infra_model::ObjectRef;

use super::external_secret::{GROUP, store};
use crate::inventory::{Inventory, Object};
use crate::view::View;

/// The stores that a PushSecret names, without those that it selects by labels.
pub(crate) fn stores(object: &Object<'_>, view: View<'_>) -> Vec<ObjectRef> {
    let references = view.items_at(&["spec", "secretStoreRefs"]);
    references
        .filter_map(|reference| store(object, reference))
        .collect()
}

/// Namespace and name of the Secrets that a PushSecret writes through a store of provider `kubernetes`
/// (<https://external-secrets.io/latest/provider/kubernetes/>): its API server is the cluster's own unless the store says otherwise.
pub(crate) fn made_secrets<'a>(
    inventory: &'a Inventory<'_>,
    object: &Object<'_>,
    view: View<'a>,
) -> Vec<(&'a str, &'a str)> {
    let providers = stores(object, view).into_iter().filter_map(|store| {
        let store = inventory.find(GROUP, &store.kind, &store.namespace, &store.name)?;
        let provider = inventory.view(store).at(&["spec", "provider", "kubernetes"])?;
        let url = provider.text_at(&["server", "url"]).unwrap_or_default();
        let is_own = url.is_empty() || url.contains("kubernetes.default");
        is_own.then_some(provider)
    });
    let namespaces: Vec<&str> = providers
        .map(|provider| provider.text_of("remoteNamespace").unwrap_or("default"))
        .collect();
    let data = view.items_at(&["spec", "data"]);
    let names: Vec<&str> = data
        .filter_map(|data| data.text_at(&["match", "remoteRef", "remoteKey"]))
        .collect();
    let all = namespaces
        .iter()
        .flat_map(|namespace| names.iter().map(move |name| (*namespace, *name)));
    all.collect()
}

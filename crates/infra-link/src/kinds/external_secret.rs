//! ExternalSecret and ClusterExternalSecret of the External Secrets Operator: the Secret they make, the stores they read.

use infra_model::ObjectRef;

use crate::inventory::{Inventory, Object};
use crate::view::View;

/// API group of the External Secrets Operator.
pub(crate) const GROUP: &str = "external-secrets.io";

/// The kinds that make Secrets.
pub(crate) const KINDS: &[&str] = &["ExternalSecret", "ClusterExternalSecret"];

/// The `spec` of the ExternalSecret itself: a ClusterExternalSecret holds it one level down.
pub(crate) fn spec<'a>(object: &Object<'_>, view: View<'a>) -> Option<View<'a>> {
    match object.kind {
        "ClusterExternalSecret" => view.at(&["spec", "externalSecretSpec"]),
        _ => view.get("spec"),
    }
}

/// The name of the Secret that an ExternalSecret makes; none where it makes none.
pub(crate) fn target<'a>(object: &Object<'a>, view: View<'a>) -> Option<&'a str> {
    let spec = spec(object, view)?;
    if spec.text_at(&["target", "creationPolicy"]) == Some("None") {
        return None;
    }
    let own_name = match object.kind {
        "ClusterExternalSecret" => view
            .text_at(&["spec", "externalSecretName"])
            .unwrap_or(object.name),
        _ => object.name,
    };
    Some(spec.text_at(&["target", "name"]).unwrap_or(own_name))
}

/// The stores that an ExternalSecret reads, as identities.
pub(crate) fn stores(object: &Object<'_>, view: View<'_>) -> Vec<ObjectRef> {
    let Some(spec) = spec(object, view) else {
        return Vec::new();
    };
    let list = |field: &str| spec.get(field).into_iter().flat_map(View::items);
    let references = spec
        .get("secretStoreRef")
        .into_iter()
        .chain(list("data").filter_map(|data| data.at(&["sourceRef", "storeRef"])))
        .chain(list("dataFrom").filter_map(|data| data.at(&["sourceRef", "storeRef"])));
    references
        .filter_map(|reference| {
            let kind = reference.text_of("kind").unwrap_or("SecretStore");
            let namespace = if kind == "ClusterSecretStore" {
                ""
            } else {
                object.namespace
            };
            Some(ObjectRef::new(kind, namespace, reference.text_of("name")?))
        })
        .collect()
}

/// The stores that anything reads, each as often as it is read.
pub(crate) fn read_stores<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = ObjectRef> + 'a {
    KINDS
        .iter()
        .flat_map(|kind| inventory.of(GROUP, kind))
        .flat_map(|object| stores(object, inventory.view(object)))
}

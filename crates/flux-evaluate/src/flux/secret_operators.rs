//! ExternalSecret, SealedSecret and Vault's operator: objects that an operator makes Secrets of.

use source_tree::ObjectRef;
use yaml_node::Node;

use super::object_ref;

/// The Secret that an operator makes of an object. Its values are not in the repository, or not readable there.
pub(crate) fn secret_made(object: &Node) -> Option<ObjectRef> {
    let own = object_ref(object);
    let group = object.text_at(&["apiVersion"])?.split_once('/')?.0;
    let stated = match (group, own.kind.as_str()) {
        ("external-secrets.io", "ExternalSecret") => object.text_at(&["spec", "target", "name"]),
        // The controller keeps the name of the SealedSecret, whatever its template says.
        ("bitnami.com", "SealedSecret") => None,
        ("secrets.hashicorp.com", "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret") => {
            return Some(ObjectRef::new(
                "Secret",
                &own.namespace,
                object.text_at(&["spec", "destination", "name"])?,
            ));
        }
        _ => return None,
    };
    let name = stated.filter(|name| !name.is_empty()).unwrap_or(&own.name);
    Some(ObjectRef::new("Secret", &own.namespace, name))
}

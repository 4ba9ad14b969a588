//! References to other objects.

use infra_model::ObjectRef;

use super::view::views;
use crate::message::non_empty;

views! {
    /// A reference with an optional kind and namespace, such as `sourceRef` or an entry of `dependsOn`.
    ObjectReference {
        kind: String,
        name: String,
        namespace: String,
    }
}

impl ObjectReference {
    /// The object that it refers to. `kind` and `namespace` are the defaults.
    pub(crate) fn object(&self, kind: &str, namespace: &str) -> Option<ObjectRef> {
        let name = non_empty(&self.name)?;
        let kind = non_empty(&self.kind).unwrap_or(kind);
        let namespace = non_empty(&self.namespace).unwrap_or(namespace);
        Some(ObjectRef::new(kind, namespace, name))
    }
}

//! References to other objects.

use infra_model::ObjectRef;

use super::view::views;

views! {
    /// A reference with an optional kind and namespace, such as `sourceRef` or an entry of `dependsOn`.
    ObjectReference {
        kind: String,
        name: String,
        namespace: String,
    }
}

impl ObjectReference {
    /// What it refers to from an object of a namespace. `kind` is that of references that state none.
    pub(crate) fn object(&self, kind: &str, namespace: &str) -> Option<ObjectRef> {
        let or = |text: &str, other: &str| match text {
            "" => other.to_owned(),
            text => text.to_owned(),
        };
        let is_stated = !self.name.is_empty();
        is_stated.then(|| {
            ObjectRef::new(
                or(&self.kind, kind),
                or(&self.namespace, namespace),
                self.name.as_str(),
            )
        })
    }
}

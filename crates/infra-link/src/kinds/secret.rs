//! Secret: the identity under which it is catalogued.

use infra_model::ObjectRef;

use crate::inventory::Object;

/// The identity under which a Secret is catalogued.
pub(crate) fn catalogued(object: &Object<'_>) -> ObjectRef {
    ObjectRef::new("Secret", object.namespace, object.unhashed_name())
}

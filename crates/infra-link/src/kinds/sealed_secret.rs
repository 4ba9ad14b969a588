//! SealedSecret: the Secret that it makes.

use crate::inventory::Object;

/// API group of SealedSecret.
pub(crate) const GROUP: &str = "bitnami.com";

/// The name of the Secret that a SealedSecret makes: the controller refuses another one than its own.
pub(crate) fn target<'a>(object: &Object<'a>) -> &'a str {
    object.name
}

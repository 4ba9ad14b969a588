//! The Secret that a SealedSecret makes.

use crate::inventory::Object;

/// API group of SealedSecret.
pub(crate) const GROUP: &str = "bitnami.com";

/// The name of the Secret that a SealedSecret makes: its own, as the controller refuses any other.
pub(crate) fn target<'a>(object: &Object<'a>) -> &'a str {
    object.name
}

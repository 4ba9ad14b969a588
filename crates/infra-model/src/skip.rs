//! Predicates for `skip_serializing_if`: what is absent from a catalog.

/// A flag that is only written where it is set.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

/// The protocol of a port that does not state one.
pub(crate) fn is_tcp(protocol: &str) -> bool {
    protocol == "TCP"
}

/// Nothing at all.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

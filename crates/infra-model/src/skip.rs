//! Predicates for `skip_serializing_if`.

/// A flag that is not set.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

/// The default protocol of a port.
pub(crate) fn is_tcp(protocol: &str) -> bool {
    protocol == "TCP"
}

/// An empty value.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

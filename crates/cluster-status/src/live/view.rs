//! Declaration of typed views.

use serde::{Deserialize, Deserializer};

/// Declares structs in the shape of Kubernetes' JSON. A field that is absent or `null` is the default of its type, and a
/// default is not written.
macro_rules! views {
    ($($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$about])*
            #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(rename_all = "camelCase", default)]
            pub(crate) struct $name {
                $(
                    $(#[$what])*
                    #[serde(
                        deserialize_with = "crate::live::view::or_default",
                        skip_serializing_if = "crate::live::view::is_default"
                    )]
                    pub(crate) $field: $type,
                )*
            }
        )*
    };
}
pub(super) use views;

/// Reads `null` as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Whether a field need not be written.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

//! Texts as written, and as Flux applies them.
//!
//! A catalog has a text as written, and the member `resolved` of the same object has the substituted text if that differs and is
//! known:
//!
//! ```json
//! {"path": "kubernetes-${cluster_name}", "resolved": {"path": "kubernetes-nonprod"}}
//! ```
//!
//! In the model both are one [`Written`]. An entry with such texts has a field `resolved`, which declares the position and the type of
//! the member. The field itself stays empty: [`Texts::resolved`] returns its content when the entry is written, and
//! [`Texts::resolve`] takes it when the entry is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A value before and after substitution. It is serialized as [`Written::written`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Written {
    /// The text as written, such as `kubernetes-${cluster_name}`.
    pub written: String,
    /// The substituted text, if it differs and is fully known.
    #[serde(skip)]
    pub resolved: Option<String>,
}

source_tree::schema_as!(Written as String);

impl Written {
    /// A text without variables.
    pub fn plain(text: impl Into<String>) -> Self {
        Written {
            written: text.into(),
            resolved: None,
        }
    }

    /// The substituted text if it is known, else the text as written.
    pub fn value(&self) -> &str {
        self.resolved.as_deref().unwrap_or(&self.written)
    }
}

/// Texts by name, in name order.
pub type WrittenMap = BTreeMap<String, Written>;

/// A type with texts that substitution may change.
pub trait Texts {
    /// The substituted texts, in the form of the member `resolved`.
    type Resolved: Default;

    /// The content of the member `resolved`.
    fn resolved(&self) -> Self::Resolved;

    /// Takes the content of the member `resolved`.
    fn resolve(&mut self, resolved: Self::Resolved);
}

impl Texts for Written {
    type Resolved = Option<String>;

    fn resolved(&self) -> Option<String> {
        self.resolved.clone()
    }

    fn resolve(&mut self, resolved: Option<String>) {
        self.resolved = resolved;
    }
}

impl<T: Texts> Texts for Option<T> {
    type Resolved = T::Resolved;

    fn resolved(&self) -> T::Resolved {
        self.as_ref().map(T::resolved).unwrap_or_default()
    }

    fn resolve(&mut self, resolved: T::Resolved) {
        if let Some(texts) = self {
            texts.resolve(resolved);
        }
    }
}

impl<T: Texts<Resolved = Option<String>>> Texts for BTreeMap<String, T> {
    type Resolved = BTreeMap<String, String>;

    fn resolved(&self) -> BTreeMap<String, String> {
        self.iter()
            .filter_map(|(name, text)| Some((name.clone(), text.resolved()?)))
            .collect()
    }

    fn resolve(&mut self, resolved: BTreeMap<String, String>) {
        for (name, resolved) in resolved {
            if let Some(text) = self.get_mut(&name) {
                text.resolve(Some(resolved));
            }
        }
    }
}

/// Declares the type of `resolved` for a struct: those of its fields that are [`Texts`].
macro_rules! resolved {
    ($($(#[$doc:meta])* $resolved:ident of $entry:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $resolved {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "crate::skip::is_default")] pub $field: $type,)*
        }

        impl $crate::text::Texts for $entry {
            type Resolved = $resolved;

            fn resolved(&self) -> $resolved {
                $resolved { $($field: self.$field.resolved(),)* }
            }

            fn resolve(&mut self, resolved: $resolved) {
                $(self.$field.resolve(resolved.$field);)*
            }
        }
    )*};
}

/// Implements serde for structs with a field `resolved`, which derive it with `remote = "Self"`.
macro_rules! with_resolved {
    ($($entry:ident),*) => {$(
        impl ::serde::Serialize for $entry {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $entry::serialize(self, serializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $entry {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut entry = $entry::deserialize(deserializer)?;
                let resolved = ::std::mem::take(&mut entry.resolved);
                $crate::text::Texts::resolve(&mut entry, resolved);
                Ok(entry)
            }
        }
    )*};
}

pub(crate) use {resolved, with_resolved};

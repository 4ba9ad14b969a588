//! Entries of catalogs, which leave out what their keys say.

/// An entry of a section that is keyed by name.
///
/// A catalog does not repeat what an entry's key or another of its fields says. The model has everything:
/// [`complete`](Entry::complete) an entry after reading it, and [`abridge`](Entry::abridge) it before writing it.
///
/// ```
/// use infra_model::{Entry, secrets::SealedSecret};
///
/// let mut secret: SealedSecret = serde_json::from_str(r#"{"target": "session", "keys": []}"#)?;
/// secret.complete("session");
/// assert_eq!(secret.name, "session");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait Entry {
    /// Adds what the entry's key and other fields say.
    fn complete(&mut self, key: &str);

    /// Removes what [`complete`](Entry::complete) adds.
    fn abridge(&mut self, key: &str);
}

/// Takes the name from the key, which is the name while that is unique.
pub(crate) fn complete_name(name: &mut String, key: &str) {
    if name.is_empty() {
        key.clone_into(name);
    }
}

/// Removes a name that equals the key.
pub(crate) fn abridge_name(name: &mut String, key: &str) {
    if name == key {
        name.clear();
    }
}

/// As [`complete_name`], for a key that begins with the kind.
pub(crate) fn complete_kind_and_name(kind: &mut String, name: &mut String, key: &str) {
    let (kind_of_key, rest) = key.split_once('/').unwrap_or(("", key));
    kind_of_key.clone_into(kind);
    complete_name(name, rest);
}

/// As [`abridge_name`], for a key that begins with the kind.
pub(crate) fn abridge_name_after_kind(name: &mut String, key: &str) {
    abridge_name(name, key.split_once('/').map_or(key, |(_, rest)| rest));
}

/// Implements [`Entry`] for structs whose key says only their name.
macro_rules! named {
    ($($entry:ident),*) => {$(
        impl $crate::Entry for $entry {
            fn complete(&mut self, key: &str) {
                $crate::entry::complete_name(&mut self.name, key);
            }

            fn abridge(&mut self, key: &str) {
                $crate::entry::abridge_name(&mut self.name, key);
            }
        }
    )*};
}

pub(crate) use named;

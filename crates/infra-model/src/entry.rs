//! Entries of catalogs, and what they leave to their keys.

/// An entry of a section that is keyed by name.
///
/// A catalog does not repeat what an entry's key, or another of its fields, says. In the model everything is there:
/// [`complete`](Entry::complete) an entry that was read, and [`abridge`](Entry::abridge) one that is to be written.
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
    /// Adds what the entry's key, and other fields, say.
    fn complete(&mut self, key: &str);

    /// Leaves out what [`complete`](Entry::complete) adds.
    fn abridge(&mut self, key: &str);
}

/// The name is in the key while it is unique.
pub(crate) fn complete_name(name: &mut String, key: &str) {
    if name.is_empty() {
        key.clone_into(name);
    }
}

/// The name is not repeated where the key says it.
pub(crate) fn abridge_name(name: &mut String, key: &str) {
    if name == key {
        name.clear();
    }
}

/// Implements [`Entry`] for structs whose key says their name and nothing else.
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

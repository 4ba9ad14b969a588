//! The entries of a section of a file, by key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use infra_model::{Entry, Key};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The entries of a section, often those of a model. Written, they lack what their keys say; read, they have it again.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryMap<'m, E: Clone>(Cow<'m, BTreeMap<Key, E>>);

source_tree::schema_as!(for [E: Clone + schemars::JsonSchema] EntryMap<'_, E> as BTreeMap<Key, E>);

impl<'m, E: Clone> EntryMap<'m, E> {
    /// The entries of a model.
    pub(crate) fn new(entries: &'m BTreeMap<Key, E>) -> Self {
        EntryMap(Cow::Borrowed(entries))
    }

    /// The entries for a model.
    pub(crate) fn into_owned(self) -> BTreeMap<Key, E> {
        self.0.into_owned()
    }
}

impl<E: Clone> Default for EntryMap<'_, E> {
    fn default() -> Self {
        EntryMap(Cow::Owned(BTreeMap::new()))
    }
}

impl<E: Clone> Deref for EntryMap<'_, E> {
    type Target = BTreeMap<Key, E>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<E: Entry + Clone + Serialize> Serialize for EntryMap<'_, E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // One copy at a time, as copies of all take much memory.
        serializer.collect_map(self.iter().map(|(key, entry)| {
            let mut entry = entry.clone();
            entry.abridge(key);
            (key, entry)
        }))
    }
}

impl<'de, E: Entry + Clone + Deserialize<'de>> Deserialize<'de> for EntryMap<'_, E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = BTreeMap::<Key, E>::deserialize(deserializer)?;
        entries.iter_mut().for_each(|(key, entry)| entry.complete(key));
        Ok(EntryMap(Cow::Owned(entries)))
    }
}

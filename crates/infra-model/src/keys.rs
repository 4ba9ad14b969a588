//! Catalog keys: the plain name of an object if it is unique, else the shortest unique form.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::ObjectRef;

/// A key of one map of the catalogs.
pub type Key = String;

/// Plain names that several entries share, with the keys of these entries.
pub type Ambiguous = BTreeMap<String, Vec<Key>>;

/// The keys of one map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTable {
    /// By name; those of one name are sorted.
    by_name: HashMap<String, Vec<(ObjectRef, Key)>>,
    ambiguous: Ambiguous,
}

impl KeyTable {
    /// Gives every object its key: its name if that is unique; objects that share a name get `namespace/name` if that is unique
    /// for all of them, else `namespace/Kind/name`.
    pub fn new(objects: impl IntoIterator<Item = ObjectRef>) -> Self {
        let mut table = KeyTable::default();
        for object in objects {
            match table.by_name.get_mut(object.name.as_str()) {
                Some(clash) if clash.iter().any(|(known, _)| *known == object) => {}
                Some(clash) => clash.push((object, Key::new())),
                None => {
                    let name = object.name.to_string();
                    table.by_name.insert(name, vec![(object, Key::new())]);
                }
            }
        }
        for (name, clash) in &mut table.by_name {
            if let [(_, key)] = clash.as_mut_slice() {
                key.clone_from(name);
                continue;
            }
            clash.sort();
            // Sorted by namespace first, so equal namespaces are neighbours.
            let mut pairs = clash.windows(2);
            let kinds_needed = pairs.any(|pair| pair[0].0.namespace == pair[1].0.namespace);
            for (object, key) in &mut *clash {
                *key = match kinds_needed {
                    true => format!("{}/{}/{}", object.namespace, object.kind, object.name),
                    false => format!("{}/{}", object.namespace, object.name),
                };
            }
            let keys = clash.iter().map(|(_, key)| key.clone());
            table.ambiguous.insert(name.clone(), keys.collect());
        }
        table
    }

    /// The key of an object of this map.
    pub fn get(&self, object: &ObjectRef) -> Option<&Key> {
        self.find(&object.kind, &object.namespace, &object.name)
    }

    /// As [`KeyTable::get`], by the parts of the identity.
    pub fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&Key> {
        let clash = self.by_name.get(name)?;
        let place =
            |object: &ObjectRef| (object.namespace.as_str(), object.kind.as_str()).cmp(&(namespace, kind));
        let at = clash.binary_search_by(|(object, _)| place(object)).ok()?;
        clash.get(at).map(|(_, key)| key)
    }

    /// The names that several entries share.
    pub fn ambiguous(&self) -> &Ambiguous {
        &self.ambiguous
    }

    /// Objects and keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectRef, &Key)> {
        self.by_name.values().flatten().map(|(object, key)| (object, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(objects: &[(&str, &str, &str)], expected: &[&str]) {
        let table = KeyTable::new(
            objects
                .iter()
                .map(|(kind, ns, name)| ObjectRef::new(*kind, *ns, *name)),
        );
        let mut keys: Vec<_> = table.iter().map(|(_, key)| key.as_str()).collect();
        keys.sort_unstable();
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_unique_name_is_its_key() {
        check(&[("Deployment", "a", "x"), ("Deployment", "a", "y")], &["x", "y"]);
    }

    #[test]
    fn all_entries_of_a_clash_take_the_same_form() {
        check(
            &[("Deployment", "a", "x"), ("Deployment", "b", "x")],
            &["a/x", "b/x"],
        );
        check(
            &[
                ("Deployment", "a", "x"),
                ("CronJob", "a", "x"),
                ("Deployment", "b", "x"),
            ],
            &["a/CronJob/x", "a/Deployment/x", "b/Deployment/x"],
        );
    }
}

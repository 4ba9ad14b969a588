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
    keys: HashMap<ObjectRef, Key>,
    ambiguous: Ambiguous,
}

impl KeyTable {
    /// Gives every object its key: its name if that is unique; objects that share a name get `namespace/name` if that is unique
    /// for all of them, else `namespace/Kind/name`.
    pub fn new(objects: impl IntoIterator<Item = ObjectRef>) -> Self {
        let mut by_name: HashMap<String, Vec<ObjectRef>> = HashMap::default();
        let mut table = KeyTable::default();
        for object in objects {
            match by_name.get_mut(&object.name) {
                Some(clash) if clash.contains(&object) => {}
                Some(clash) => clash.push(object),
                None => {
                    by_name.insert(object.name.clone(), vec![object]);
                }
            }
        }
        for (name, mut clash) in by_name {
            if clash.len() == 1 {
                table
                    .keys
                    .extend(clash.into_iter().map(|object| (object, name.clone())));
                continue;
            }
            clash.sort();
            // Sorted by namespace first, so equal namespaces are neighbours.
            let mut pairs = clash.windows(2);
            let kinds_needed = pairs.any(|pair| pair[0].namespace == pair[1].namespace);
            let key = |object: &ObjectRef| match kinds_needed {
                true => format!("{}/{}/{}", object.namespace, object.kind, object.name),
                false => format!("{}/{}", object.namespace, object.name),
            };
            table.ambiguous.insert(name, clash.iter().map(key).collect());
            table.keys.extend(clash.into_iter().map(|object| {
                let key = key(&object);
                (object, key)
            }));
        }
        table
    }

    /// The key of an object of this map.
    pub fn get(&self, object: &ObjectRef) -> Option<&Key> {
        self.keys.get(object)
    }

    /// The names that several entries share.
    pub fn ambiguous(&self) -> &Ambiguous {
        &self.ambiguous
    }

    /// Objects and keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectRef, &Key)> {
        self.keys.iter()
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

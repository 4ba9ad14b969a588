//! Fields of an object, shared by the copies of its entry.

use std::collections::BTreeMap;
use std::fmt::{Formatter, Result as FmtResult};
use std::iter::Map;
use std::slice;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::object::ObjectField;

/// Fields by path. Most of a model consists of them, so they take one allocation for all, and are copied only where a copy
/// of an entry changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(
    /// In the order of their paths, each of which is there once.
    Arc<[(String, ObjectField)]>,
);

source_tree::schema_as!(Fields as BTreeMap<String, ObjectField>);

/// Fields with their paths, in the order of the paths.
pub type Iter<'f> = Map<
    slice::Iter<'f, (String, ObjectField)>,
    fn(&'f (String, ObjectField)) -> (&'f String, &'f ObjectField),
>;

impl Fields {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The field at a path.
    pub fn get(&self, path: &str) -> Option<&ObjectField> {
        let found = self.0.binary_search_by(|(other, _)| other.as_str().cmp(path));
        Some(&self.0.get(found.ok()?)?.1)
    }

    /// Whether there is a field at a path.
    pub fn contains_key(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// The fields with their paths, in the order of the paths.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(path, field)| (path, field))
    }

    /// The paths in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &String> + Clone {
        self.0.iter().map(|(path, _)| path)
    }

    /// The fields in the order of their paths.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &ObjectField> + Clone {
        self.0.iter().map(|(_, field)| field)
    }

    /// Mutable access to the fields of this copy.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut ObjectField> {
        Arc::make_mut(&mut self.0).iter_mut().map(|(_, field)| field)
    }
}

/// Of several fields at a path, the last counts.
impl FromIterator<(String, ObjectField)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, ObjectField)>>(fields: I) -> Self {
        let mut fields = Vec::from_iter(fields);
        let is_ordered = fields.is_sorted_by(|(path, _), (next, _)| path < next);
        if !is_ordered {
            // The sort keeps the order of those at one path.
            fields.sort_by(|(path, _), (next, _)| path.cmp(next));
            fields.dedup_by(|next, kept| {
                let is_same = next.0 == kept.0;
                if is_same {
                    std::mem::swap(next, kept);
                }
                is_same
            });
        }
        Fields(fields.into())
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = (&'f String, &'f ObjectField);
    type IntoIter = Iter<'f>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Fields;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> FmtResult {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect()
            }
        }
        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_field_at_a_path_counts_and_paths_are_in_order() {
        let field = |value: &str| ObjectField {
            value: value.to_owned(),
            ..ObjectField::default()
        };
        let stated = [("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("b", "5")];
        let fields: Fields = stated
            .iter()
            .map(|(path, value)| ((*path).to_owned(), field(value)))
            .collect();
        let text = serde_json::to_string(&fields).unwrap();
        assert_eq!(text, r#"{"a":{"value":"2"},"b":{"value":"5"},"c":{"value":"4"}}"#);
        assert_eq!(serde_json::from_str::<Fields>(&text).unwrap(), fields);
        assert_eq!(fields.get("b"), Some(&field("5")));
        assert_eq!(fields.get("bb"), None);
    }
}

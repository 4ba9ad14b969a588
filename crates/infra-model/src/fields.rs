//! Fields of an object, shared by the copies of its entry.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::ops::Deref;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};

use crate::object::ObjectField;

/// Fields by path. Most of a model consists of them, and catalogs are made of copies of its entries; so they are copied only
/// where a copy changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, ObjectField>")]
pub struct Fields(Arc<BTreeMap<String, ObjectField>>);

impl Fields {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Mutable access to the fields of this copy.
    pub fn to_mut(&mut self) -> &mut BTreeMap<String, ObjectField> {
        Arc::make_mut(&mut self.0)
    }
}

impl Deref for Fields {
    type Target = BTreeMap<String, ObjectField>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<BTreeMap<String, ObjectField>> for Fields {
    fn from(fields: BTreeMap<String, ObjectField>) -> Self {
        Fields(Arc::new(fields))
    }
}

impl FromIterator<(String, ObjectField)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, ObjectField)>>(fields: I) -> Self {
        BTreeMap::from_iter(fields).into()
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = (&'f String, &'f ObjectField);
    type IntoIter = btree_map::Iter<'f, String, ObjectField>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Fields {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, ObjectField>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, ObjectField>::json_schema(generator)
    }
}

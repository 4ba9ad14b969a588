//! The parts of types that strategic merge needs: fields, list items and merge keys.

use foldhash::HashMap;
use smol_str::SmolStr;

/// The type of a value: the parts of an OpenAPI schema that matter for merges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Type {
    /// The fields of a mapping.
    pub(super) fields: HashMap<SmolStr, Type>,
    /// The type of other fields.
    pub(super) other_fields: Option<Box<Type>>,
    /// The items of a list.
    pub(super) items: Option<Box<Type>>,
    /// The merge keys of a list whose items are merged. Empty for a set of scalars.
    pub(super) merge_keys: Option<Vec<SmolStr>>,
    /// The definition that this refers to.
    pub(super) reference: Option<SmolStr>,
    /// Whether only relevant parts are listed. Other fields and items then still have a known type.
    pub(super) abridged: bool,
}

impl Type {
    /// The merge keys of a list whose items are merged, empty for a set of scalars. `None` if a patch replaces the
    /// value.
    pub(crate) fn merge_keys(&self) -> Option<&[SmolStr]> {
        self.merge_keys.as_deref()
    }
}

/// Definitions and the objects that they describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definitions {
    pub(super) types: HashMap<SmolStr, Type>,
    /// `apiVersion`, then `kind`, to the name of a type.
    pub(super) objects: HashMap<SmolStr, HashMap<SmolStr, SmolStr>>,
    /// `apiVersion`, then `kind`, to whether its objects are namespaced.
    pub(super) namespaced: HashMap<SmolStr, HashMap<SmolStr, bool>>,
}

impl Definitions {
    pub(super) fn object(&self, api_version: &str, kind: &str) -> Option<&Type> {
        self.types.get(self.objects.get(api_version)?.get(kind)?)
    }
}

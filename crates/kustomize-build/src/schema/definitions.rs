//! What strategic merge asks of a type: the type of a field, of a list's items, and merge keys.

use std::collections::HashMap;

use smol_str::SmolStr;

/// What is known of a value: the part of an OpenAPI schema that decides a merge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Type {
    /// Fields of a mapping.
    pub(super) fields: HashMap<SmolStr, Type>,
    /// What a field is that is not among `fields`.
    pub(super) other_fields: Option<Box<Type>>,
    /// The items, where the value is a list.
    pub(super) items: Option<Box<Type>>,
    /// The merge keys of a list whose items are merged; none of them for a set of scalars.
    pub(super) merge_keys: Option<Vec<SmolStr>>,
    /// The definition that this stands for.
    pub(super) reference: Option<SmolStr>,
    /// Whether only what decides something is listed, so that other fields and items have a type all the same.
    pub(super) abridged: bool,
}

impl Type {
    /// The merge keys of a list whose items are merged, empty for a set of scalars. `None` where a patch replaces the
    /// value.
    pub(crate) fn merge_keys(&self) -> Option<&[SmolStr]> {
        self.merge_keys.as_deref()
    }
}

/// A set of definitions, and the objects that they describe.
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

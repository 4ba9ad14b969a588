//! The identity of a resource: group, version, kind, name and namespace.

use std::fmt;

use smol_str::SmolStr;

use super::{Gvk, or};

/// The namespace of cluster-scoped objects in histories.
pub(crate) const NOT_A_NAMESPACE: &str = "_non_namespaceable_";
/// The namespace of namespaced objects without a namespace field.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// A resource's current or previous identity.
///
/// `==` and hashing compare the texts. [`ResId::same_as`] tells whether two ids name the same object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ResId {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// `metadata.name`.
    pub name: SmolStr,
    /// `metadata.namespace`, or empty if missing. In a previous id, the effective namespace.
    pub namespace: SmolStr,
    /// Whether the type is known to be cluster-scoped.
    pub cluster_scoped: bool,
}

impl ResId {
    /// Makes one from its parts.
    pub fn new(gvk: Gvk, name: impl Into<SmolStr>, namespace: impl Into<SmolStr>) -> Self {
        ResId {
            cluster_scoped: gvk.is_cluster_scoped(),
            gvk,
            name: name.into(),
            namespace: namespace.into(),
        }
    }

    /// The namespace for comparisons: `_non_namespaceable_` for types known to be cluster-scoped, `default` for none.
    pub fn effective_namespace(&self) -> &str {
        if self.cluster_scoped {
            NOT_A_NAMESPACE
        } else {
            or(&self.namespace, DEFAULT_NAMESPACE)
        }
    }

    /// Whether both name the same object: equal group, version, kind, name and effective namespace.
    pub fn same_as(&self, other: &ResId) -> bool {
        self.same_except_namespace(other) && self.same_namespace(other)
    }

    /// Whether group, version, kind and name are equal.
    pub fn same_except_namespace(&self, other: &ResId) -> bool {
        self.name == other.name && self.gvk == other.gvk
    }

    /// Whether the effective namespaces are equal.
    pub fn same_namespace(&self, other: &ResId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether all non-empty parts of `selector` match, comparing effective namespaces.
    pub fn is_selected_by(&self, selector: &ResId) -> bool {
        (selector.name.is_empty() || selector.name == self.name)
            && (selector.namespace.is_empty() || selector.same_namespace(self))
            && self.gvk.is_selected_by(&selector.gvk)
    }
}

impl fmt::Display for ResId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, namespace) = (or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"));
        write!(f, "{}/{name}.{namespace}", self.gvk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_namespace_is_default_and_cluster_scoped_types_have_none() {
        let config = Gvk::from_api_version("v1", "ConfigMap");
        let none = ResId::new(config.clone(), "x", "");
        assert!(none.same_as(&ResId::new(config.clone(), "x", "default")));
        assert!(!none.same_as(&ResId::new(config, "x", "a")));
        let namespace = Gvk::from_api_version("v1", "Namespace");
        assert!(ResId::new(namespace.clone(), "x", "a").same_as(&ResId::new(namespace, "x", "")));
        assert_eq!(none.to_string(), "ConfigMap.v1.[noGrp]/x.[noNs]");
    }
}

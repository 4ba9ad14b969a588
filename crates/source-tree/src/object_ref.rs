//! The identity of a Kubernetes object within one cluster.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use smol_str::SmolStr;

/// Kind, namespace and name of an object. Ordered by namespace, then kind, then name. Serialized as its text.
///
/// ```
/// use source_tree::ObjectRef;
///
/// let object = ObjectRef::parse("ConfigMap/flux-system/cluster-vars");
/// assert_eq!(object, Some(ObjectRef::new("ConfigMap", "flux-system", "cluster-vars")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ObjectRef {
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: SmolStr,
    /// Kind.
    pub kind: SmolStr,
    /// Name.
    pub name: SmolStr,
}

crate::schema_as!(ObjectRef as String);

/// A text that does not name an object.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not of the form Kind/namespace/name or Kind/name")]
pub struct NotAnObject(String);

impl ObjectRef {
    /// An identity.
    pub fn new(kind: impl AsRef<str>, namespace: impl AsRef<str>, name: impl AsRef<str>) -> Self {
        ObjectRef {
            kind: SmolStr::new(kind),
            namespace: SmolStr::new(namespace),
            name: SmolStr::new(name),
        }
    }

    /// Reads what [`Display`](fmt::Display) writes: `Kind/namespace/name` or `Kind/name`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        match (parts.next()?, parts.next()?, parts.next()) {
            (kind, name, None) => Some(ObjectRef::new(kind, "", name)),
            (kind, namespace, Some(name)) => Some(ObjectRef::new(kind, namespace, name)),
        }
    }
}

impl Serialize for ObjectRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl TryFrom<String> for ObjectRef {
    type Error = NotAnObject;

    fn try_from(text: String) -> Result<Self, NotAnObject> {
        ObjectRef::parse(&text).ok_or(NotAnObject(text))
    }
}

impl fmt::Display for ObjectRef {
    /// `Kind/namespace/name`, or `Kind/name` without a namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{}/{}", self.kind, self.name),
            namespace => write!(f, "{}/{namespace}/{}", self.kind, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displayed_texts_parse_back() {
        for text in ["Namespace/web", "Secret/web/tls", "ConfigMap/web/odd/name"] {
            assert_eq!(ObjectRef::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(ObjectRef::parse("web"), None);
    }
}

//! ConfigMaps and Secrets embedded in Crossplane `Object`s, which provider-kubernetes keeps in the cluster.
//!
//! Format: <https://github.com/crossplane-contrib/provider-kubernetes>.

use foldhash::{HashMap, HashMapExt};
use infra_model::ObjectRef;

use crate::inventory::{Inventory, Object};
use crate::view::View;

/// API groups of `Object`, cluster-scoped and namespaced.
const GROUPS: &[&str] = &["kubernetes.crossplane.io", "kubernetes.m.crossplane.io"];

/// An object inside another one.
pub(crate) struct Embedded<'a> {
    /// The Crossplane Object.
    pub(crate) object: &'a Object<'a>,
    pub(crate) manifest: View<'a>,
    pub(crate) kind: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
}

impl Embedded<'_> {
    /// Its identity.
    pub(crate) fn object_name(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace, self.name)
    }
}

/// All embedded core objects, by kind, namespace and name.
pub(crate) struct EmbeddedObjects<'a> {
    pub(crate) all: Vec<Embedded<'a>>,
    by_name: HashMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> EmbeddedObjects<'a> {
    /// Reads the Crossplane `Object`s of an inventory.
    pub(crate) fn new(inventory: &'a Inventory<'a>) -> Self {
        let mut embedded = EmbeddedObjects {
            all: Vec::new(),
            by_name: HashMap::new(),
        };
        for object in GROUPS.iter().flat_map(|group| inventory.of(group, "Object")) {
            if let Some(manifest) = inventory.view(object).at(&["spec", "forProvider", "manifest"])
                && manifest.text_of("apiVersion") == Some("v1")
                && let Some(kind) = manifest.text_of("kind")
                && let Some(name) = manifest.text_at(&["metadata", "name"])
            {
                let namespace = manifest.text_at(&["metadata", "namespace"]).unwrap_or("default");
                let position = embedded.all.len();
                embedded.by_name.insert((kind, namespace, name), position);
                embedded.all.push(Embedded {
                    object,
                    manifest,
                    kind,
                    namespace,
                    name,
                });
            }
        }
        embedded
    }

    /// The embedded object with this name.
    pub(crate) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&Embedded<'a>> {
        let position = self.by_name.get(&(kind, namespace, name))?;
        self.all.get(*position)
    }

    /// The embedded objects of one kind.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Embedded<'a>> {
        self.all.iter().filter(move |embedded| embedded.kind == kind)
    }
}

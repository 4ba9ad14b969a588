//! Objects with identity, history and origin.

mod edit;
mod exposed;
mod gvk;
mod history;
mod internal;
mod origin;
mod overridden;
mod res_id;
mod scopes;
mod shared;

use std::sync::Arc;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Mapping, Node};

use crate::node_edit::{set_entry, untyped};

pub use gvk::Gvk;
pub(crate) use gvk::{or, parse_group_version};
pub use history::{History, PreviousId};
pub use internal::Behavior;
pub use origin::{Origin, OriginKind};
pub use overridden::Overridden;
pub use res_id::ResId;
pub(crate) use res_id::{DEFAULT_NAMESPACE, NOT_A_NAMESPACE};
pub(crate) use scopes::Scopes;

pub(crate) use edit::is_nil_or_empty;
pub(crate) use internal::{is_stripped_annotation, strip_internal_annotations};
pub(crate) use shared::{Path, SharedScalars, Step, at, at_mut};

/// One object of a build.
///
/// Data that kustomize keeps in internal annotations (history, generator behaviour, hash marks) is in fields here, so
/// the node holds only the object itself.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The object. A null node once a patch deleted it.
    pub node: Node,
    /// Where it comes from.
    pub origin: Origin,
    /// The values of a ConfigMap that higher layers replaced, in the order of replacement.
    pub overridden: Vec<Overridden>,
    pub(crate) history: History,
    pub(crate) history_is_broken: bool,
    pub(crate) behavior: Behavior,
    pub(crate) needs_hash_suffix: bool,
    pub(crate) allow_name_change: bool,
    pub(crate) allow_kind_change: bool,
    /// The vars whose values are read from this object.
    pub(crate) ref_vars: Vec<SmolStr>,
    /// The scopes of types in `openapi` documents.
    pub(crate) scopes: Option<Arc<Scopes>>,
    /// The object's scalars that share one value.
    pub(crate) shared: SharedScalars,
}

impl Resource {
    /// Makes a resource from a node, with the node's first line as origin. Internal annotations in the node are
    /// applied.
    pub fn new(node: Node) -> Self {
        let origin = Origin {
            mark: node.mark,
            ..Origin::default()
        };
        let mut resource = Resource {
            node,
            origin,
            overridden: Vec::new(),
            history: History::default(),
            history_is_broken: false,
            behavior: Behavior::default(),
            needs_hash_suffix: false,
            allow_name_change: false,
            allow_kind_change: false,
            ref_vars: Vec::new(),
            scopes: None,
            shared: SharedScalars::default(),
        };
        resource.absorb_internal_annotations();
        resource
    }

    /// `apiVersion`, or empty if missing.
    pub fn api_version(&self) -> &str {
        self.node.text_at(&["apiVersion"]).unwrap_or_default()
    }

    /// `kind`, or empty if missing.
    pub fn kind(&self) -> &str {
        self.node.text_at(&["kind"]).unwrap_or_default()
    }

    /// `metadata.name`, or empty if missing.
    pub fn name(&self) -> &str {
        self.metadata_text("name")
    }

    /// `metadata.namespace`, or empty if missing.
    pub fn namespace(&self) -> &str {
        self.metadata_text("namespace")
    }

    /// The texts of `metadata.annotations` by key.
    pub fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata_map("annotations")
    }

    /// The text of one annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let value = self.node.at(&["metadata", "annotations", key])?;
        Some(value.text().unwrap_or_default())
    }

    /// The texts of `metadata.labels` by key.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata_map("labels")
    }

    /// The previous ids, prefixes and suffixes.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Group, version and kind.
    pub fn gvk(&self) -> Gvk {
        let (group, version) = parse_group_version(self.api_version());
        Gvk::new(group, version, self.smol(&["kind"]))
    }

    /// Whether the type is namespaced, if it is in kustomize's table.
    pub(crate) fn known_scope(&self) -> Option<bool> {
        let (group, version) = parse_group_version(self.api_version());
        gvk::known_scope(group, version, self.kind())
    }

    /// The current identity.
    pub fn current_id(&self) -> ResId {
        let gvk = self.gvk();
        let metadata = self.node.get("metadata");
        let text = |field: &str| {
            metadata
                .and_then(|metadata| metadata.get(field)?.as_scalar())
                .filter(|scalar| scalar.tag != yaml_node::Tag::Null)
                .map(|scalar| scalar.text.clone())
                .unwrap_or_default()
        };
        ResId {
            cluster_scoped: Scopes::is_cluster_scoped(self.scopes.as_deref(), &gvk),
            gvk,
            name: text("name"),
            namespace: text("namespace"),
        }
    }

    /// Previous identities, oldest first, with the current group and version.
    pub fn previous_ids(&self) -> impl Iterator<Item = ResId> {
        let gvk = self.gvk();
        self.history.ids.iter().map(move |id| ResId {
            gvk: Gvk {
                kind: id.kind.clone(),
                ..gvk.clone()
            },
            name: id.name.clone(),
            // For a cluster-scoped type this is `_non_namespaceable_`.
            namespace: id.namespace.clone(),
            cluster_scoped: false,
        })
    }

    /// Previous identities, oldest first, then the current one.
    pub fn all_ids(&self) -> impl Iterator<Item = ResId> {
        self.previous_ids().chain(std::iter::once(self.current_id()))
    }

    /// The oldest identity.
    pub fn original_id(&self) -> ResId {
        self.previous_ids().next().unwrap_or_else(|| self.current_id())
    }

    /// Adds the current name, effective namespace and kind to the history.
    pub fn store_previous_id(&mut self) {
        let id = self.current_id();
        self.store_as_previous(&id);
    }

    /// As [`Resource::store_previous_id`], for a caller that has the current id.
    pub(crate) fn store_as_previous(&mut self, id: &ResId) {
        self.history.ids.push(PreviousId {
            namespace: SmolStr::new(id.effective_namespace()),
            name: id.name.clone(),
            kind: id.gvk.kind.clone(),
        });
        self.expose_history(&["previousNames", "previousNamespaces", "previousKinds"]);
    }

    /// Whether the node is empty.
    pub fn is_empty(&self) -> bool {
        is_nil_or_empty(&self.node)
    }

    /// Sets `metadata.name`. Keeps the style; the type follows from the text.
    pub fn set_name(&mut self, name: impl Into<SmolStr>, mark: Mark) {
        self.set_metadata("name", name.into(), mark);
    }

    /// Sets `metadata.namespace`, or removes it if `namespace` is empty.
    pub fn set_namespace(&mut self, namespace: impl Into<SmolStr>, mark: Mark) {
        let namespace = namespace.into();
        if namespace.is_empty() {
            if let Some(metadata) = self.node.get_mut("metadata").and_then(Node::as_mapping_mut) {
                metadata.remove("namespace");
            }
        } else {
            self.set_metadata("namespace", namespace, mark);
        }
    }

    /// Sets `kind` and keeps its style.
    pub fn set_kind(&mut self, kind: impl Into<SmolStr>, mark: Mark) {
        if let Some(object) = self.node.as_mapping_mut() {
            set_entry(object, "kind", untyped(kind, mark));
        }
    }

    /// Sets `apiVersion` and keeps its style.
    pub fn set_api_version(&mut self, api_version: impl Into<SmolStr>, mark: Mark) {
        if let Some(object) = self.node.as_mapping_mut() {
            set_entry(object, "apiVersion", untyped(api_version, mark));
        }
    }

    fn set_metadata(&mut self, field: &str, text: SmolStr, mark: Mark) {
        if let Some(metadata) = self.metadata_mut() {
            set_entry(metadata, field, untyped(text, mark));
        }
    }

    /// `metadata`, created if missing.
    pub(crate) fn metadata_mut(&mut self) -> Option<&mut Mapping> {
        edit::child_mapping(self.node.as_mapping_mut()?, "metadata")
    }

    /// `metadata.annotations`, created if missing.
    pub(crate) fn annotations_mut(&mut self) -> Option<&mut Mapping> {
        edit::child_mapping(self.metadata_mut()?, "annotations")
    }

    /// `metadata.labels`, created if missing.
    pub(crate) fn labels_mut(&mut self) -> Option<&mut Mapping> {
        edit::child_mapping(self.metadata_mut()?, "labels")
    }

    fn smol(&self, path: &[&str]) -> SmolStr {
        self.node
            .at(path)
            .and_then(Node::as_scalar)
            .map(|scalar| scalar.text.clone())
            .unwrap_or_default()
    }

    fn metadata_text(&self, field: &str) -> &str {
        self.node
            .at(&["metadata", field])
            .filter(|node| !node.is_null())
            .and_then(Node::text)
            .unwrap_or_default()
    }

    fn metadata_map(&self, field: &str) -> impl Iterator<Item = (&str, &str)> {
        self.node
            .at(&["metadata", field])
            .into_iter()
            .flat_map(Node::iter)
            .map(|(key, value)| (key, value.text().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_object_and_its_history() {
        let mut resource = Resource::new(Node::mapping([
            ("apiVersion", Node::str("apps/v1")),
            ("kind", Node::str("Deployment")),
            ("metadata", Node::mapping([("name", Node::str("web"))])),
        ]));
        assert_eq!(resource.current_id().to_string(), "Deployment.v1.apps/web.[noNs]");
        resource.store_previous_id();
        resource.set_name("a-web", Mark::NONE);
        resource.set_namespace("a", Mark::NONE);
        assert_eq!(resource.current_id().to_string(), "Deployment.v1.apps/a-web.a");
        assert_eq!(
            resource.original_id().to_string(),
            "Deployment.v1.apps/web.default"
        );
        assert_eq!(resource.all_ids().count(), 2);
    }
}

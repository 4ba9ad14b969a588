//! kustomize's internal annotations as fields of [`Resource`], and their removal at the end.

use smol_str::SmolStr;
use yaml_node::{Mapping, Node};

use super::{History, PreviousId, Resource};
use crate::BuildError;
use crate::node_edit::raw_text;

pub(super) const DOMAIN: &str = "internal.config.kubernetes.io/";
pub(super) const ENABLED: &str = "enabled";

/// The annotations that kustomize removes from every object it prints.
const STRIPPED: [&str; 19] = [
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/helm-generated",
];

/// The effect of a generated object on an existing one with its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Behavior {
    /// No or an unknown value: the same as [`Behavior::Create`].
    #[default]
    Unspecified,
    /// Fail if the object exists.
    Create,
    /// Replace the object.
    Replace,
    /// Merge into the object's data.
    Merge,
}

impl Behavior {
    /// Parses a generator's `behavior`.
    pub fn from_text(text: &str) -> Self {
        match text {
            "create" => Behavior::Create,
            "replace" => Behavior::Replace,
            "merge" => Behavior::Merge,
            _ => Behavior::Unspecified,
        }
    }

    /// The name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Behavior::Unspecified => "unspecified",
            Behavior::Create => "create",
            Behavior::Replace => "replace",
            Behavior::Merge => "merge",
        }
    }
}

impl Resource {
    /// Moves the node's internal annotations (from input or patches) into the fields.
    pub(crate) fn absorb_internal_annotations(&mut self) {
        let has_internal = self.annotations().any(|(key, _)| key.starts_with(DOMAIN));
        if !has_internal {
            return;
        }
        let exposed = self.has_syntax();
        let Some(annotations) = self.annotations_mut() else {
            return;
        };
        let mut take = |key: &str| -> Option<SmolStr> {
            let key = format!("{DOMAIN}{key}");
            let value = match exposed {
                true => annotations.get(&key).cloned(),
                false => annotations.remove(&key),
            };
            value.map(|value| SmolStr::new(raw_text(&value)))
        };
        let mut list =
            |key: &str| -> Option<Vec<SmolStr>> { Some(take(key)?.split(',').map(SmolStr::new).collect()) };
        let names = list("previousNames");
        let (namespaces, kinds) = (list("previousNamespaces"), list("previousKinds"));
        let (prefixes, suffixes) = (list("prefixes"), list("suffixes"));
        let hash = take("needsHashSuffix");
        let behavior = take("generatorBehavior");
        let name_change = take("allowNameChange");
        let kind_change = take("allowKindChange");
        if let Some(names) = names {
            let one_empty = || vec![SmolStr::default()];
            let namespaces = namespaces.unwrap_or_else(one_empty);
            let kinds = kinds.unwrap_or_else(one_empty);
            self.history_is_broken = names.len() != namespaces.len() || names.len() != kinds.len();
            self.history.ids = names
                .into_iter()
                .zip(namespaces)
                .zip(kinds)
                .map(|((name, namespace), kind)| PreviousId {
                    name,
                    namespace,
                    kind,
                })
                .collect();
        }
        if let Some(prefixes) = prefixes {
            self.history.prefixes = prefixes;
        }
        if let Some(suffixes) = suffixes {
            self.history.suffixes = suffixes;
        }
        if let Some(hash) = hash {
            self.needs_hash_suffix = hash == ENABLED;
        }
        if let Some(behavior) = behavior {
            self.behavior = Behavior::from_text(&behavior);
        }
        if let Some(change) = name_change {
            self.allow_name_change = change == ENABLED;
        }
        if let Some(change) = kind_change {
            self.allow_kind_change = change == ENABLED;
        }
    }

    /// Fails if the lists of names, namespaces and kinds of previous ids do not fit together. Annotations in the input
    /// may hold anything, and kustomize miscounts names with commas.
    pub(crate) fn check_history(&self) -> Result<(), BuildError> {
        let has_comma =
            |id: &PreviousId| id.name.contains(',') || id.namespace.contains(',') || id.kind.contains(',');
        if !self.history_is_broken && !self.history.ids.iter().any(has_comma) {
            return Ok(());
        }
        let message =
            "number of previous names, number of previous namespaces, number of previous kinds not equal";
        Err(BuildError::resource(message).at(self.origin.mark))
    }

    /// Lets `edit` change the node as kustomize would see it: an object with a history has annotations, and loses the
    /// history if they are replaced or removed.
    pub(crate) fn edit_node<E>(&mut self, edit: impl FnOnce(&mut Node) -> Result<(), E>) -> Result<(), E> {
        let exposed = self.has_internal_annotations();
        if exposed && !self.has_syntax() {
            self.node = self.with_internal_annotations();
        }
        edit(&mut self.node)?;
        if exposed && !self.is_empty() {
            self.history = History::default();
            self.needs_hash_suffix = false;
            self.behavior = Behavior::default();
        }
        self.absorb_internal_annotations();
        Ok(())
    }

    /// Whether kustomize would have internal annotations for this object.
    pub(crate) fn has_internal_annotations(&self) -> bool {
        let History {
            ids,
            prefixes,
            suffixes,
        } = &self.history;
        !(ids.is_empty() && prefixes.is_empty() && suffixes.is_empty())
            || self.needs_hash_suffix
            || self.behavior != Behavior::default()
    }

    /// The object with the internal annotations that kustomize would have for the fields.
    pub(crate) fn with_internal_annotations(&self) -> Node {
        let mut exposed = self.clone();
        if let Some(annotations) = exposed.annotations_mut() {
            for (key, text) in self.internal_annotations() {
                annotations.insert(&format!("{DOMAIN}{key}"), Node::str(text));
            }
        }
        exposed.node
    }

    // The fields as kustomize's internal annotations.
    pub(super) fn internal_annotations(&self) -> Vec<(&'static str, String)> {
        let ids = &self.history.ids;
        let of_ids = |part: fn(&PreviousId) -> &str| ids.iter().map(part).collect::<Vec<_>>().join(",");
        let mut annotations = Vec::new();
        if !ids.is_empty() {
            annotations.push(("previousNames", of_ids(|id| &id.name)));
            annotations.push(("previousNamespaces", of_ids(|id| &id.namespace)));
            annotations.push(("previousKinds", of_ids(|id| &id.kind)));
        }
        for (key, affixes) in [
            ("prefixes", &self.history.prefixes),
            ("suffixes", &self.history.suffixes),
        ] {
            if !affixes.is_empty() {
                annotations.push((key, affixes.join(",")));
            }
        }
        if self.needs_hash_suffix {
            annotations.push(("needsHashSuffix", ENABLED.to_owned()));
        }
        if self.behavior != Behavior::default() {
            annotations.push(("generatorBehavior", self.behavior.as_str().to_owned()));
        }
        annotations
    }
}

/// Whether kustomize removes an annotation from every object it prints.
pub(crate) fn is_stripped_annotation(key: &str) -> bool {
    STRIPPED.contains(&key)
}

/// Removes the internal annotations that kustomize removes at the end.
pub(crate) fn strip_internal_annotations(annotations: &mut Mapping) {
    let stripped = |key: &Node| key.text().is_some_and(is_stripped_annotation);
    if annotations.entries().iter().any(|(key, _)| stripped(key)) {
        annotations.entries_mut().retain(|(key, _)| !stripped(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yaml_node::Value;

    fn resource(annotations: &[(&str, &str)]) -> Resource {
        let annotations = annotations.iter().map(|(key, value)| (*key, Node::str(*value)));
        Resource::new(Node::mapping([
            ("kind", Node::str("ConfigMap")),
            (
                "metadata",
                Node::mapping([
                    ("name", Node::str("x")),
                    ("annotations", Node::mapping(annotations)),
                ]),
            ),
        ]))
    }

    #[test]
    fn internal_annotations_in_the_input_are_applied() {
        let resource = resource(&[
            ("internal.config.kubernetes.io/needsHashSuffix", "enabled"),
            ("internal.config.kubernetes.io/previousNames", "a,b"),
            ("internal.config.kubernetes.io/previousNamespaces", "default,n"),
            (
                "internal.config.kubernetes.io/previousKinds",
                "ConfigMap,ConfigMap",
            ),
            ("internal.config.kubernetes.io/unknown", "kept"),
        ]);
        assert!(resource.needs_hash_suffix);
        assert_eq!(resource.original_id().name, "a");
        let left: Vec<_> = resource.annotations().collect();
        assert_eq!(left, [("internal.config.kubernetes.io/unknown", "kept")]);
    }

    #[test]
    fn history_is_lost_with_the_annotations() {
        for (keep, expected) in [(true, 1), (false, 0)] {
            let mut resource = resource(&[]);
            resource.store_previous_id();
            resource
                .edit_node(|node| {
                    let metadata = node.get_mut("metadata").and_then(Node::as_mapping_mut).unwrap();
                    assert!(matches!(
                        metadata.get("annotations").map(|node| &node.value),
                        Some(Value::Mapping(_))
                    ));
                    if !keep {
                        metadata.remove("annotations");
                    }
                    Ok::<(), ()>(())
                })
                .unwrap();
            assert_eq!(resource.history.ids.len(), expected);
            assert!(
                resource
                    .annotation("internal.config.kubernetes.io/previousNames")
                    .is_none()
            );
        }
    }
}

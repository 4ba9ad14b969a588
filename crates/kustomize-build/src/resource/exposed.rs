//! kustomize's internal annotations in the node itself, for nodes that keep the syntax of kustomize's nodes
//! ([`crate::syntax`]).

use std::collections::BTreeMap;

use smol_str::SmolStr;
use source_tree::Mark;
use yaml_node::{Mapping, Node, Places, Style, Value};

use super::internal::{DOMAIN, ENABLED};
use super::{Resource, is_nil_or_empty};
use crate::node_edit::{raw_text, set_entry, value_node};

impl Resource {
    /// Whether the node keeps the syntax of kustomize's node, including internal annotations.
    pub(crate) fn has_syntax(&self) -> bool {
        Places::has(self.node.mark)
    }

    /// Adds a prefix to the history.
    pub(crate) fn push_prefix(&mut self, prefix: SmolStr) {
        self.history.prefixes.push(prefix);
        self.expose_history(&["prefixes"]);
    }

    /// Adds a suffix to the history.
    pub(crate) fn push_suffix(&mut self, suffix: SmolStr) {
        self.history.suffixes.push(suffix);
        self.expose_history(&["suffixes"]);
    }

    /// Allows this patch to change names.
    pub(crate) fn allow_name_change(&mut self) {
        self.allow_name_change = true;
        self.rewrite_annotations([(format!("{DOMAIN}allowNameChange"), ENABLED.to_owned())]);
    }

    /// Allows this patch to change kinds.
    pub(crate) fn allow_kind_change(&mut self) {
        self.allow_kind_change = true;
        self.rewrite_annotations([(format!("{DOMAIN}allowKindChange"), ENABLED.to_owned())]);
    }

    /// Writes parts of the history into the node, if it keeps its syntax.
    pub(super) fn expose_history(&mut self, keys: &[&str]) {
        if !self.has_syntax() {
            return;
        }
        let all = self.internal_annotations();
        // kustomize first removes empty annotations.
        if let Some(metadata) = self.metadata_mut()
            && let Some(annotations) = metadata.get("annotations")
            && (annotations.as_scalar().is_some() || is_nil_or_empty(annotations))
        {
            metadata.remove("annotations");
        }
        let Some(annotations) = self.annotations_mut() else {
            return;
        };
        for key in keys {
            if let Some((_, text)) = all.iter().find(|(known, _)| known == key) {
                let mut value = Node::str(text.as_str());
                if let Some(scalar) = value.as_scalar_mut() {
                    scalar.style = Style::SingleQuoted;
                }
                set_entry(annotations, &format!("{DOMAIN}{key}"), value);
            }
        }
    }

    /// Rewrites all annotations, with additional ones and sorted, as kustomize does when it sets them as a whole. Does
    /// nothing if the node does not keep its syntax.
    pub(crate) fn rewrite_annotations(&mut self, more: impl IntoIterator<Item = (String, String)>) {
        self.rewrite_pairs("annotations", more);
    }

    /// As [`Resource::rewrite_annotations`], for labels.
    pub(crate) fn rewrite_labels(&mut self) {
        self.rewrite_pairs("labels", []);
    }

    /// kustomize's internal annotations in the node, by key.
    pub(crate) fn exposed_annotations(&self) -> Vec<(String, String)> {
        let exposed = |(key, _): &(&str, &str)| {
            self.has_syntax()
                && (key.starts_with(DOMAIN)
                    || matches!(
                        *key,
                        "config.kubernetes.io/path" | "config.kubernetes.io/index" | "config.k8s.io/id"
                    ))
        };
        let annotations = self.annotations().filter(exposed);
        annotations
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// Writes the annotations that kustomize's generators set.
    pub(crate) fn expose_generator(&mut self) {
        let hash = self
            .needs_hash_suffix
            .then(|| (format!("{DOMAIN}needsHashSuffix"), ENABLED.to_owned()));
        let behavior = (
            format!("{DOMAIN}generatorBehavior"),
            self.behavior.as_str().to_owned(),
        );
        self.rewrite_annotations(hash.into_iter().chain([behavior]));
    }

    fn rewrite_pairs(&mut self, field: &str, more: impl IntoIterator<Item = (String, String)>) {
        if !self.has_syntax() {
            return;
        }
        let Some(metadata) = self.metadata_mut() else {
            return;
        };
        let old = metadata.remove(field);
        let mut texts: BTreeMap<String, String> = old
            .iter()
            .flat_map(Node::iter)
            .map(|(key, value)| (key.to_owned(), raw_text(value).to_owned()))
            .collect();
        texts.extend(more);
        if texts.is_empty() {
            return;
        }
        let mut pairs = Mapping::default();
        for (key, text) in texts {
            set_entry(&mut pairs, &key, value_node(text, Mark::NONE));
        }
        metadata.insert(field, Node::new(Value::Mapping(pairs)));
    }
}

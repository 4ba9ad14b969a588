//! Selection of resources by a `target` or `select`.
//!
//! Rules: <https://github.com/kubernetes-sigs/kustomize/blob/api/v0.21.2/api/types/selector.go>.

mod label_selector;
mod pattern;

use source_tree::Mark;

use crate::kustomization::SelectorEntry;
use crate::resource::{Gvk, ResId, Resource, parse_group_version};
use crate::{BuildError, ResMap};

use label_selector::LabelSelector;
use pattern::Pattern;

pub(crate) use pattern::{is_special, regex};

/// Patterns for ids and requirements on labels and annotations.
#[derive(Clone, Debug)]
pub(crate) struct Selector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    // A malformed selector is an error only if the patterns select an object.
    labels: Result<LabelSelector, String>,
    annotations: Result<LabelSelector, String>,
    /// Whether it has patterns for ids.
    pub(crate) has_id: bool,
    /// Whether it has requirements on labels or annotations.
    pub(crate) has_labels: bool,
    mark: Mark,
}

impl Selector {
    /// Makes the selector of an entry.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] if a pattern is not a regular expression.
    pub(crate) fn new(entry: &SelectorEntry) -> Result<Self, BuildError> {
        let pattern =
            |text: &str| Pattern::new(text).map_err(|error| BuildError::transformer(error).at(entry.mark));
        let Gvk { group, version, kind } = &entry.gvk;
        let parts = [group, version, kind, &entry.name, &entry.namespace];
        Ok(Selector {
            group: pattern(group)?,
            version: pattern(version)?,
            kind: pattern(kind)?,
            name: pattern(&entry.name)?,
            namespace: pattern(&entry.namespace)?,
            labels: LabelSelector::parse(&entry.label_selector),
            annotations: LabelSelector::parse(&entry.annotation_selector),
            has_id: parts.iter().any(|part| !part.is_empty()),
            has_labels: !entry.label_selector.is_empty() || !entry.annotation_selector.is_empty(),
            mark: entry.mark,
        })
    }

    /// The indexes of the resources that a patch with this target applies to. Original or current names and namespaces
    /// match, but only current types.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] for a malformed selector over labels or annotations.
    pub(crate) fn select(&self, map: &ResMap) -> Result<Vec<usize>, BuildError> {
        map.spend(map.len())?;
        let mut selected = Vec::new();
        for (index, resource) in map.resources().iter().enumerate() {
            if self.selects(resource)? {
                selected.push(index);
            }
        }
        Ok(selected)
    }

    fn selects(&self, resource: &Resource) -> Result<bool, BuildError> {
        let (group, version) = parse_group_version(resource.api_version());
        if resource.is_empty() || !self.matches_type(group, version, resource.kind()) {
            return Ok(false);
        }
        let (current, original) = (resource.current_id(), resource.original_id());
        let either = |matches: &dyn Fn(&ResId) -> bool| matches(&original) || matches(&current);
        if !either(&|id| self.namespace.matches(id.effective_namespace()))
            || !either(&|id| self.name.matches(&id.name))
        {
            return Ok(false);
        }
        self.matches_labels(resource)
    }

    /// Whether an id matches. Its namespace is compared as stored.
    pub(crate) fn matches_id(&self, id: &ResId) -> bool {
        let Gvk { group, version, kind } = &id.gvk;
        self.matches_type(group, version, kind)
            && self.name.matches(&id.name)
            && self.namespace.matches(&id.namespace)
    }

    /// Whether labels and annotations meet the requirements.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] for a malformed selector.
    pub(crate) fn matches_labels(&self, resource: &Resource) -> Result<bool, BuildError> {
        let malformed = |error: &String| BuildError::transformer(error.clone()).at(self.mark);
        let text = |field: &str, key: &str| {
            let value = resource.node.at(&["metadata", field, key])?;
            Some(value.text().unwrap_or_default())
        };
        let labels = self.labels.as_ref().map_err(malformed)?;
        if !labels.matches(|key| text("labels", key)) {
            return Ok(false);
        }
        let annotations = self.annotations.as_ref().map_err(malformed)?;
        Ok(annotations.matches(|key| text("annotations", key)))
    }

    fn matches_type(&self, group: &str, version: &str, kind: &str) -> bool {
        self.group.matches(group) && self.version.matches(version) && self.kind.matches(kind)
    }
}

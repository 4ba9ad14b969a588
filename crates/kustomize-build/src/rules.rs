//! Rules: the field specs and name references of a kustomization.

use crate::BuildError;
use crate::error::Context;
use crate::name_reference::{NameReferences, merge_reference};
use crate::order::compare_gvk;
use crate::specs::{Specs, merge_specs};

/// The fields that transformers change. Rules of bases and components also apply to the directories that include them,
/// and are then in kustomize's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) name_prefix: Specs,
    pub(crate) name_suffix: Specs,
    pub(crate) namespace: Specs,
    pub(crate) common_labels: Specs,
    pub(crate) labels: Specs,
    pub(crate) template_labels: Specs,
    pub(crate) volume_claim_template_labels: Specs,
    pub(crate) common_annotations: Specs,
    pub(crate) name_references: NameReferences,
    pub(crate) var_references: Specs,
    pub(crate) images: Specs,
    pub(crate) replicas: Specs,
}

macro_rules! field_specs {
    ($each:ident) => {
        $each! {
            name_prefix "namePrefix" "NamePrefix",
            name_suffix "nameSuffix" "NameSuffix",
            namespace "namespace" "NameSpace",
            common_annotations "commonAnnotations" "CommonAnnotations",
            common_labels "commonLabels" "CommonLabels",
            labels "labels" "Labels",
            template_labels "templateLabels" "TemplateLabels",
            volume_claim_template_labels "volumeClaimTemplateLabels" "VolumeClaimTemplateLabels",
            var_references "varReference" "VarReference",
            images "images" "Images",
            replicas "replicas" "Replicas",
        }
    };
}

pub(crate) use field_specs;

impl Rules {
    /// Merges two sets of rules.
    ///
    /// # Errors
    /// [`BuildError::Transformer`] for specs that differ in `create` only.
    pub(crate) fn merge(&self, other: &Rules) -> Result<Rules, BuildError> {
        let mut merged = self.clone();
        macro_rules! merge_each {
            ($($field:ident $key:literal $name:literal,)*) => {
                $(merge_specs(&mut merged.$field, &other.$field)
                    .context(|| format!("failed to merge {} fieldSpec", $name))?;
                if merged.$field.len() > self.$field.len() {
                    sort_specs(&mut merged.$field);
                })*
            };
        }
        field_specs!(merge_each);
        for reference in other.name_references.list() {
            merge_reference(&mut merged.name_references, reference)
                .context(|| "failed to merge NameReference fieldSpec".into())?;
        }
        if merged.name_references.list().len() > self.name_references.list().len() {
            merged.sort_references();
        }
        Ok(merged)
    }

    /// Number of specs and references.
    pub(crate) fn len(&self) -> usize {
        let references = self.name_references.list();
        let mut count: usize = references
            .iter()
            .map(|reference| 1 + reference.referrers.len())
            .sum();
        macro_rules! count_each {
            ($($field:ident $key:literal $name:literal,)*) => {
                $(count += self.$field.len();)*
            };
        }
        field_specs!(count_each);
        count
    }

    /// Sorts the specs and references in kustomize's order.
    pub(crate) fn sort(&mut self) {
        macro_rules! sort_each {
            ($($field:ident $key:literal $name:literal,)*) => {
                $(sort_specs(&mut self.$field);)*
            };
        }
        field_specs!(sort_each);
        self.sort_references();
    }

    fn sort_references(&mut self) {
        self.name_references
            .list_mut()
            .sort_by(|a, b| compare_gvk(&a.target, &b.target));
    }

    /// The specs under a key of a `configurations` file.
    pub(crate) fn specs_mut(&mut self, key: &str) -> Option<&mut Specs> {
        macro_rules! find {
            ($($field:ident $key:literal $name:literal,)*) => {
                match key {
                    $($key => Some(&mut self.$field),)*
                    _ => None,
                }
            };
        }
        field_specs!(find)
    }
}

fn sort_specs(specs: &mut Specs) {
    specs.to_mut().sort_by(|a, b| compare_gvk(&a.gvk, &b.gvk));
}

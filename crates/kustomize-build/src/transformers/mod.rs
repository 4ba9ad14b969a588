//! The transformers of a kustomization: its fields and plugins that change objects.

mod affixes;
mod apply_patch;
mod images;
mod labels;
mod namespace;
mod patch;
mod patch_json6902;
mod patch_strategic_merge;
mod replicas;
mod run;
mod transformer;
mod value_add;

pub(crate) use affixes::Affix;
pub(crate) use labels::set_pairs;
pub(crate) use namespace::{NamespaceTransformer, SubjectMode};
pub(crate) use patch::{Patch, PatchTransformer};
pub(crate) use patch_json6902::PatchJson6902Transformer;
pub(crate) use patch_strategic_merge::PatchStrategicMergeTransformer;
pub(crate) use run::run;
pub(crate) use transformer::Transformer;
pub(crate) use value_add::{ValueAdd, ValueTarget};

//! The typed [`Kustomization`], in which every entry keeps its place.

mod check;
mod decode;
mod fields;
mod read;
mod types;

use yaml_node::Node;

pub(crate) use check::COMPONENT;
pub(crate) use decode::{At, Decoder, Field};
pub(crate) use fields::{
    field_spec, generator_args, image, patch, replacement, replacement_field, replica, selector,
};
pub(crate) use read::{decode_node, read};
pub(crate) use types::{
    Deprecated, FieldOptionsEntry, FieldSpecEntry, GeneratorArgs, GeneratorOptions, ImageEntry,
    Kustomization, LabelEntry, PatchEntry, ReplacementEntry, ReplacementField, ReplicaEntry, SelectorEntry,
    SortOptions, SourceEntry, TargetEntry, Text, TextMap, VarEntry,
};

/// The names of kustomization files, in the order in which they are tried.
pub(crate) const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The value of a key, ignoring its case.
pub(crate) fn field_ignoring_case<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).or_else(|| {
        node.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

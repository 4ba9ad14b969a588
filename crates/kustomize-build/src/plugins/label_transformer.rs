//! LabelTransformer and AnnotationsTransformer: pairs and their fields.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::TextMap;
use crate::resource::Resource;
use crate::specs::Specs;
use crate::transformers::Transformer;

pub(super) fn labels(config: &Resource) -> Result<Transformer, BuildError> {
    configure(config, "LabelTransformerPlugin", "labels", Transformer::Labels)
}

pub(super) fn annotations(config: &Resource) -> Result<Transformer, BuildError> {
    let strukt = "AnnotationsTransformerPlugin";
    configure(config, strukt, "annotations", Transformer::Annotations)
}

fn configure(
    config: &Resource,
    strukt: &'static str,
    name: &str,
    transformer: fn(TextMap, Specs) -> Transformer,
) -> Result<Transformer, BuildError> {
    let (mut pairs, mut specs) = (None, None);
    decode(config, strukt, |decoder, field| match field.key {
        "fieldspecs" => specs = field_specs(decoder, &field),
        key if key == name => pairs = field.text_map(decoder, name),
        _ => {}
    })?;
    Ok(transformer(pairs.unwrap_or_default(), specs.unwrap_or_default()))
}

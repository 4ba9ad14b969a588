//! AnnotationsTransformer: annotations and the fields that get them.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::resource::Resource;
use crate::transformers::Transformer;

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut annotations, mut specs) = (None, None);
    decode(
        config,
        "AnnotationsTransformerPlugin",
        |decoder, field| match field.key {
            "annotations" => annotations = decoder.text_map(field.node, &field.at("annotations")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        },
    )?;
    Ok(Transformer::Annotations(
        annotations.unwrap_or_default(),
        specs.unwrap_or_default(),
    ))
}

//! LabelTransformer: labels and the fields that get them.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::resource::Resource;
use crate::transformers::Transformer;

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut labels, mut specs) = (None, None);
    decode(config, "LabelTransformerPlugin", |decoder, field| {
        match field.key {
            "labels" => labels = decoder.text_map(field.node, &field.at("labels")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        }
    })?;
    Ok(Transformer::Labels(
        labels.unwrap_or_default(),
        specs.unwrap_or_default(),
    ))
}

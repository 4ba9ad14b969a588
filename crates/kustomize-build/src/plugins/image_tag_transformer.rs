//! ImageTagTransformer: an `images` entry and its fields.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::{ImageEntry, image};
use crate::resource::Resource;
use crate::transformers::Transformer;

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut entry, mut specs) = (ImageEntry::default(), None);
    decode(
        config,
        "ImageTagTransformerPlugin",
        |decoder, field| match field.key {
            "imagetag" => entry = image(decoder, field.node, &field.at("imageTag")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        },
    )?;
    Ok(Transformer::Images(entry, specs.unwrap_or_default()))
}

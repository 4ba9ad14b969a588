//! A ReplacementTransformer's configuration turns into `replacements` entries.

use super::decode;
use crate::BuildError;
use crate::kustomization::replacement_field;
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{Transformer, load_replacements};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let mut entries = Vec::new();
    decode(config, "ReplacementTransformerPlugin", |decoder, field| {
        if field.key == "replacements" {
            let at = field.at("replacements");
            entries = decoder
                .list(field.node, &at, "[]types.ReplacementField", |decoder, item, at| {
                    replacement_field(decoder, item, Some(at))
                })
                .unwrap_or_default();
        }
    })?;
    load_replacements(&entries, loader).map(Transformer::Replacements)
}

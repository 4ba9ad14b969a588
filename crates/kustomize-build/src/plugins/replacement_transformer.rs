//! ReplacementTransformer: `replacements` entries.

use super::config::decode;
use crate::BuildError;
use crate::kustomization::replacement_field;
use crate::load::Loader;
use crate::replacements::Replacements;
use crate::resource::Resource;
use crate::transformers::Transformer;

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let mut entries = Vec::new();
    decode(config, "ReplacementTransformerPlugin", |decoder, field| {
        if field.key == "replacements" {
            let at = field.at("replacements");
            entries = decoder
                .list(
                    field.node,
                    &at,
                    "[]types.ReplacementField",
                    |decoder, item, at| replacement_field(decoder, item, Some(at)),
                )
                .unwrap_or_default();
        }
    })?;
    Replacements::new(&entries, loader).map(Transformer::Replacements)
}

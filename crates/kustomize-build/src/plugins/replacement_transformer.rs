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
            let go_type = "[]types.ReplacementField";
            entries = field.list(decoder, "replacements", go_type, replacement_field);
        }
    })?;
    Replacements::new(&entries, loader).map(Transformer::Replacements)
}

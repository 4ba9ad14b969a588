//! SuffixTransformer: a suffix and the fields that get it.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::Text;
use crate::resource::Resource;
use crate::transformers::{Affix, Transformer};

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut text, mut specs) = (Text::default(), None);
    decode(config, "SuffixTransformerPlugin", |decoder, field| {
        match field.key {
            "suffix" => text = decoder.text(field.node, &field.at("suffix")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        }
    })?;
    match specs {
        Some(specs) => Ok(Transformer::Affix(Affix::Suffix(text), specs)),
        None => Err(BuildError::transformer("fieldSpecs is not expected to be nil")),
    }
}

//! PrefixTransformer: a prefix and the fields that get it.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::Text;
use crate::resource::Resource;
use crate::transformers::{Affix, Transformer};

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut text, mut specs) = (Text::default(), None);
    decode(config, "PrefixTransformerPlugin", |decoder, field| {
        match field.key {
            "prefix" => text = decoder.text(field.node, &field.at("prefix")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        }
    })?;
    match specs {
        Some(specs) => Ok(Transformer::Affix(Affix::Prefix(text), specs)),
        None => Err(BuildError::transformer("fieldSpecs is not expected to be nil")),
    }
}

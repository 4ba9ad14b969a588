//! PrefixTransformer and SuffixTransformer: an affix and its fields.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::Text;
use crate::resource::Resource;
use crate::transformers::{Affix, Transformer};

pub(super) fn prefix(config: &Resource) -> Result<Transformer, BuildError> {
    configure(config, "PrefixTransformerPlugin", "prefix", Affix::Prefix)
}

pub(super) fn suffix(config: &Resource) -> Result<Transformer, BuildError> {
    configure(config, "SuffixTransformerPlugin", "suffix", Affix::Suffix)
}

fn configure(
    config: &Resource,
    strukt: &'static str,
    name: &str,
    affix: fn(Text) -> Affix,
) -> Result<Transformer, BuildError> {
    let (mut text, mut specs) = (Text::default(), None);
    decode(config, strukt, |decoder, field| match field.key {
        "fieldspecs" => specs = field_specs(decoder, &field),
        key if key == name => text = field.text(decoder, name),
        _ => {}
    })?;
    match specs {
        Some(specs) => Ok(Transformer::Affix(affix(text), specs)),
        None => Err(BuildError::transformer("fieldSpecs is not expected to be nil")),
    }
}

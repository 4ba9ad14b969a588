//! A PatchTransformer's configuration turns into a `patches` entry.

use super::decode;
use crate::BuildError;
use crate::kustomization::{PatchEntry, patch};
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{PatchTransformer, Transformer};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let mut entry = PatchEntry::default();
    // The configuration's fields are those of an entry, next to others of its own.
    decode(config, "PatchTransformerPlugin", |_, _| {})?;
    let mut decoder = crate::kustomization::Decoder::lenient();
    std::mem::swap(&mut entry, &mut patch(&mut decoder, &config.node, None));
    decoder
        .finish()
        .map_err(|(message, mark)| BuildError::patch(message).at(mark))?;
    PatchTransformer::new(&entry, loader).map(Transformer::Patch)
}

//! PatchTransformer: a `patches` entry.

use crate::BuildError;
use crate::kustomization::{At, Decoder, patch};
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{PatchTransformer, Transformer};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    // The configuration has the fields of an entry among others.
    let mut decoder = Decoder::lenient();
    let entry = patch(&mut decoder, &config.node, &At::default());
    decoder
        .finish()
        .map_err(|(message, mark)| BuildError::patch(message).at(mark))?;
    PatchTransformer::new(&entry, loader).map(Transformer::Patch)
}

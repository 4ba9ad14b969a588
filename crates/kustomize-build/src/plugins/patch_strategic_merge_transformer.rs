//! PatchStrategicMergeTransformer: `patchesStrategicMerge` entries.

use super::config::decode;
use crate::BuildError;
use crate::kustomization::Text;
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{PatchStrategicMergeTransformer, Transformer};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let (mut paths, mut patches) = (Vec::new(), Text::default());
    decode(
        config,
        "PatchStrategicMergeTransformerPlugin",
        |decoder, field| match field.key {
            "paths" => paths = field.block_texts(decoder, "paths", "[]types.PatchStrategicMerge"),
            "patches" => {
                patches = field.text(decoder, "patches");
                patches.mark = decoder.block_start(field.node);
            }
            _ => {}
        },
    )?;
    PatchStrategicMergeTransformer::new(&paths, &patches, loader).map(Transformer::PatchStrategicMerge)
}

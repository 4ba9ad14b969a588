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
            "paths" => {
                let at = field.at("paths");
                let item = |decoder: &mut crate::kustomization::Decoder, item: &yaml_node::Node, at: &_| {
                    let mut text = decoder.text_of(item, at, "types.PatchStrategicMerge");
                    text.mark = decoder.block_start(item);
                    text
                };
                paths = decoder
                    .list(field.node, &at, "[]types.PatchStrategicMerge", item)
                    .unwrap_or_default();
            }
            "patches" => {
                patches = decoder.text(field.node, &field.at("patches"));
                patches.mark = decoder.block_start(field.node);
            }
            _ => {}
        },
    )?;
    PatchStrategicMergeTransformer::new(&paths, &patches, loader).map(Transformer::PatchStrategicMerge)
}

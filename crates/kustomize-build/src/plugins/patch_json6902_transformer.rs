//! PatchJson6902Transformer: a `patchesJson6902` entry.

use super::config::decode;
use crate::BuildError;
use crate::kustomization::{PatchEntry, selector};
use crate::load::Loader;
use crate::resource::Resource;
use crate::transformers::{PatchJson6902Transformer, Transformer};

pub(super) fn configure(config: &Resource, loader: &Loader<'_>) -> Result<Transformer, BuildError> {
    let mut entry = PatchEntry {
        mark: config.origin.mark,
        ..PatchEntry::default()
    };
    decode(
        config,
        "PatchJson6902TransformerPlugin",
        |decoder, field| match field.key {
            "target" => entry.target = selector(decoder, field.node, &field.at("target")),
            "path" => entry.path = field.text(decoder, "path"),
            "jsonop" => {
                entry.patch = field.text(decoder, "jsonOp");
                entry.patch_mark = decoder.block_start(field.node);
            }
            _ => {}
        },
    )?;
    PatchJson6902Transformer::new(&entry, loader).map(Transformer::PatchJson6902)
}

//! ReplicaCountTransformer: a `replicas` entry and its fields.

use super::config::{decode, field_specs};
use crate::BuildError;
use crate::kustomization::{ReplicaEntry, replica};
use crate::resource::Resource;
use crate::transformers::Transformer;

pub(super) fn configure(config: &Resource) -> Result<Transformer, BuildError> {
    let (mut entry, mut specs) = (ReplicaEntry::default(), None);
    decode(
        config,
        "ReplicaCountTransformerPlugin",
        |decoder, field| match field.key {
            "replica" => entry = replica(decoder, field.node, &field.at("replica")),
            "fieldspecs" => specs = field_specs(decoder, &field),
            _ => {}
        },
    )?;
    Ok(Transformer::Replicas(entry, specs.unwrap_or_default()))
}

//! `metadata`, and the schema that a file names.

use infra_model::RepoPath;

use crate::layout::{GENERATOR, Metadata, SCHEMA_VERSION};

/// What every file says of its making.
pub(crate) fn layout(metadata: &infra_model::Metadata, generated_at: &str) -> Metadata {
    let infra_model::Metadata {
        generated_from,
        cluster,
        cluster_name,
        revision,
    } = metadata.clone();
    Metadata {
        generated_from,
        generated_at: generated_at.to_owned(),
        schema_version: Some(SCHEMA_VERSION),
        generator: Some(GENERATOR.to_owned()),
        cluster: Some(cluster.to_string()),
        cluster_name,
        revision,
    }
}

/// What a file says of where its facts come from.
pub(crate) fn model(metadata: &Metadata) -> infra_model::Metadata {
    infra_model::Metadata {
        generated_from: metadata.generated_from.clone(),
        cluster: RepoPath::new(metadata.cluster.as_deref().unwrap_or_default()),
        cluster_name: metadata.cluster_name.clone(),
        revision: metadata.revision.clone(),
    }
}

//! `metadata`: where a catalog comes from.

use infra_model::RepoPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the catalogs' layout. It grows when a reader of the version before would be misled.
pub const SCHEMA_VERSION: u32 = 1;

/// Value of `generator`.
pub const GENERATOR: &str = concat!("flux-infra-guide ", env!("CARGO_PKG_VERSION"));

/// Where a catalog comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// Name of the repository.
    pub generated_from: String,
    /// When the file was written: RFC 3339, UTC, whole seconds.
    pub generated_at: String,
    /// Version of the layout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<u32>,
    /// The program that wrote the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<String>,
    /// Path of the cluster entry in the repository; `.` for its root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Name of the cluster where several are catalogued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_name: Option<String>,
    /// The commit at HEAD; `null` where the scanned folder is not the top of a Git work tree.
    pub revision: Option<String>,
}

impl Metadata {
    /// The metadata of a model. `generated_at` is RFC 3339, UTC, whole seconds.
    pub(crate) fn new(facts: &infra_model::Metadata, generated_at: &str) -> Self {
        Metadata {
            generated_from: facts.generated_from.clone(),
            generated_at: generated_at.to_owned(),
            schema_version: Some(SCHEMA_VERSION),
            generator: Some(GENERATOR.to_owned()),
            cluster: Some(facts.cluster.to_string()),
            cluster_name: facts.cluster_name.clone(),
            revision: facts.revision.clone(),
        }
    }

    /// Where the facts of the file come from.
    pub(crate) fn facts(&self) -> infra_model::Metadata {
        infra_model::Metadata {
            generated_from: self.generated_from.clone(),
            cluster: RepoPath::new(self.cluster.as_deref().unwrap_or_default()),
            cluster_name: self.cluster_name.clone(),
            revision: self.revision.clone(),
        }
    }
}

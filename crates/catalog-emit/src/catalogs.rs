//! The four catalogs of one cluster, and what they have in common as files.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json_lines;
use crate::layout::{ConfigMapsFile, FluxResourcesFile, Metadata, SecretsMapFile, ServicesFile};

/// How deep data folders of clusters may lie below the data folder.
pub(crate) const CLUSTER_DEPTH: usize = 4;

/// The four catalogs of one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogs {
    /// `services.json`
    pub services: ServicesFile,
    /// `flux-resources.json`
    pub flux_resources: FluxResourcesFile,
    /// `secrets-map.json`
    pub secrets_map: SecretsMapFile,
    /// `configmaps.json`
    pub config_maps: ConfigMapsFile,
}

/// What every catalog is as a file.
pub trait Catalog: Clone + Debug + Serialize + DeserializeOwned + JsonSchema {
    /// Name without extension, such as `services`.
    const NAME: &'static str;
    /// Name in the data folder, such as `services.json`.
    const FILE_NAME: &'static str;

    /// Where the file comes from.
    fn metadata(&self) -> &Metadata;

    /// The same, to be changed.
    fn metadata_mut(&mut self) -> &mut Metadata;

    /// The file's content.
    ///
    /// # Errors
    /// Those of serde_json; none of the layout's types has any.
    fn to_json(&self, form: Form) -> Result<String, serde_json::Error> {
        form.to_json(self)
    }
}

/// How a catalog is laid out on lines. Both are the same JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One entry a line: cheap to read and to grep, and one line of `git diff` for each changed entry.
    #[default]
    Lines,
    /// Indented.
    Pretty,
}

impl Form {
    pub(crate) fn to_json<T: Serialize>(self, value: &T) -> Result<String, serde_json::Error> {
        match self {
            Form::Lines => json_lines::to_string(value),
            Form::Pretty => serde_json::to_string_pretty(value).map(|text| text + "\n"),
        }
    }
}

macro_rules! catalog {
    ($($type:ty: $name:literal;)*) => {
        impl Catalogs {
            /// The names of the four files in a data folder.
            pub const FILE_NAMES: &'static [&'static str] = &[$(concat!($name, ".json")),*];
        }

        $(impl Catalog for $type {
            const NAME: &'static str = $name;
            const FILE_NAME: &'static str = concat!($name, ".json");

            fn metadata(&self) -> &Metadata {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut Metadata {
                &mut self.metadata
            }
        })*
    };
}

catalog! {
    ServicesFile: "services";
    FluxResourcesFile: "flux-resources";
    SecretsMapFile: "secrets-map";
    ConfigMapsFile: "configmaps";
}

//! The four catalogs of one cluster, and what they have in common as files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use infra_model::{Ambiguous, Entry, Infrastructure, Key};
use plain_text::json::escaped;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::configmaps::ConfigMapsFile;
use crate::flux_resources::FluxResourcesFile;
use crate::json_lines;
use crate::metadata::Metadata;
use crate::secrets_map::SecretsMapFile;
use crate::services::ServicesFile;

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

impl Catalogs {
    /// The names of the four files in a data folder.
    pub const FILE_NAMES: [&'static str; 4] = [
        ServicesFile::FILE_NAME,
        FluxResourcesFile::FILE_NAME,
        SecretsMapFile::FILE_NAME,
        ConfigMapsFile::FILE_NAME,
    ];

    /// The catalogs of a model. `generated_at` is RFC 3339, UTC, whole seconds.
    pub fn new(infrastructure: &Infrastructure, generated_at: &str) -> Self {
        let metadata = Metadata::new(&infrastructure.metadata, generated_at);
        Catalogs {
            services: Catalog::new(infrastructure, &metadata),
            flux_resources: Catalog::new(infrastructure, &metadata),
            secrets_map: Catalog::new(infrastructure, &metadata),
            config_maps: Catalog::new(infrastructure, &metadata),
        }
    }
}

impl From<Catalogs> for Infrastructure {
    /// The model that the catalogs state. Of the knowledge file it has what no entry carries, without lines.
    fn from(catalogs: Catalogs) -> Self {
        let mut infrastructure = Infrastructure {
            metadata: catalogs.services.metadata.facts(),
            ..Infrastructure::default()
        };
        catalogs.services.add_to(&mut infrastructure);
        catalogs.flux_resources.add_to(&mut infrastructure);
        catalogs.secrets_map.add_to(&mut infrastructure);
        catalogs.config_maps.add_to(&mut infrastructure);
        infrastructure
    }
}

/// One of the four files.
pub trait Catalog: Clone + Debug + Serialize + DeserializeOwned + JsonSchema {
    /// Name without extension, such as `services`.
    const NAME: &'static str;
    /// Name in the data folder, such as `services.json`.
    const FILE_NAME: &'static str;
    /// Its sections of entries that are keyed by name, as `ambiguous` names them.
    const MAPS: &'static [&'static str];

    /// What the file says of a model.
    fn new(infrastructure: &Infrastructure, metadata: &Metadata) -> Self;

    /// Adds what the file says to a model.
    fn add_to(self, infrastructure: &mut Infrastructure);

    /// Where the file comes from.
    fn metadata(&self) -> &Metadata;

    /// Mutable access to `metadata`.
    fn metadata_mut(&mut self) -> &mut Metadata;

    /// The file's content.
    ///
    /// # Errors
    /// Those of serde_json; no catalog has any.
    fn to_json(&self, form: Form) -> Result<String, serde_json::Error> {
        form.to_json(self)
    }
}

/// The entries of a section as its file states them.
pub(crate) fn abridged<E: Entry + Clone>(entries: &BTreeMap<Key, E>) -> BTreeMap<Key, E> {
    let mut entries = entries.clone();
    entries.iter_mut().for_each(|(key, entry)| entry.abridge(key));
    entries
}

/// The entries that a section of a file states.
pub(crate) fn completed<E: Entry>(mut entries: BTreeMap<Key, E>) -> BTreeMap<Key, E> {
    entries.iter_mut().for_each(|(key, entry)| entry.complete(key));
    entries
}

/// The clashing names of the sections of one file.
pub(crate) fn ambiguous<C: Catalog>(infrastructure: &Infrastructure) -> BTreeMap<String, Ambiguous> {
    infrastructure
        .ambiguous
        .iter()
        .filter(|(map, names)| C::MAPS.contains(&map.as_str()) && !names.is_empty())
        .map(|(map, names)| (map.clone(), names.clone()))
        .collect()
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
        let text = match self {
            Form::Lines => json_lines::to_string(value),
            Form::Pretty => serde_json::to_string_pretty(value).map(|text| text + "\n"),
        }?;
        Ok(match escaped(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(text) => text,
        })
    }
}

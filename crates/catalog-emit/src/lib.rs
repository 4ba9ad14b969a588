//! An [`Infrastructure`](infra_model::Infrastructure) turns into the four catalogs, and the catalogs turn back into it.
//!
//! In reading order: [`ServicesFile`] and its like are the files, whose entries are structs of the model, [`Catalogs`] holds the
//! four, [`json_lines`] writes one entry a line, [`write`](mod@write) decides which file goes where, [`FileSet`] replaces files
//! atomically, [`read`] loads catalogs, [`CatalogStore`] only the entries that a question needs, [`facts`] compares catalogs,
//! [`scan_record`] tells whether they are stale, [`schema`] has their JSON Schemas, [`summary`](mod@summary) the report of a run,
//! [`answers`] the answers of queries as JSON.

mod catalog;
mod catalogs;
mod configmaps;
mod entry_map;
mod flux_resources;
mod metadata;
mod secrets_map;
mod services;

pub mod json_lines;
pub mod knowledge_file;

mod error;
mod file_set;
pub mod write;

mod open_files;
pub mod read;

mod store;

pub mod answers;
pub mod facts;
pub mod scan_record;
pub mod schema;
mod schema_url;
pub mod summary;

pub use answers::ToJson;
pub use catalog::{Catalog, Form};
pub use catalogs::Catalogs;
pub use configmaps::ConfigMapsFile;
pub use entry_map::EntryMap;
pub use error::{EmitError, EmitErrorKind};
pub use file_set::{Change, FileDifference, FileSet, OutputLock, WriteReport};
pub use flux_resources::FluxResourcesFile;
pub use metadata::{GENERATOR, Metadata, SCHEMA_VERSION};
pub use read::{ReadError, cluster_names, load, load_catalogs, load_cluster};
pub use scan_record::{Inputs, ScanRecord, ScanRecordError};
pub use secrets_map::SecretsMapFile;
pub use services::ServicesFile;
pub use store::CatalogStore;
pub use summary::summary;
pub use write::{plan, write};

//! JSON Schemas, one a catalog and one for the knowledge file.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::catalog::Catalog;
use crate::knowledge_file::KnowledgeFile;
use crate::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};

pub use crate::schema_url::{file_name, url};

/// The name of the knowledge file's schema, as [`url`] and [`file_name`] take it.
pub const KNOWLEDGE: &str = "knowledge";

/// File name and content of each schema, in the order of the catalogs, the knowledge file's last.
///
/// # Errors
/// Those of serde_json; no catalog has any.
pub fn all() -> Result<Vec<(String, String)>, serde_json::Error> {
    Ok(vec![
        (file_name(ServicesFile::NAME), of::<ServicesFile<'_>>()?),
        (file_name(FluxResourcesFile::NAME), of::<FluxResourcesFile<'_>>()?),
        (file_name(SecretsMapFile::NAME), of::<SecretsMapFile<'_>>()?),
        (file_name(ConfigMapsFile::NAME), of::<ConfigMapsFile<'_>>()?),
        (file_name(KNOWLEDGE), knowledge()?),
    ])
}

/// The schema of one catalog as it is written: fields that are always there are required, unknown ones are allowed.
///
/// # Errors
/// Those of serde_json; no catalog has any.
pub fn of<C: Catalog>() -> Result<String, serde_json::Error> {
    written::<C>(C::NAME, C::FILE_NAME)
}

/// The schema of a JSON output, published under `name`.
///
/// # Errors
/// As [`of`].
pub fn written<T: JsonSchema>(name: &str, title: &str) -> Result<String, serde_json::Error> {
    let schema = generated::<T>(SchemaSettings::draft2020_12().for_serialize());
    text(schema, name, title)
}

/// The schema of the knowledge file as it is read: no field is required, unknown fields are not allowed.
///
/// # Errors
/// As [`of`].
pub fn knowledge() -> Result<String, serde_json::Error> {
    let schema = generated::<KnowledgeFile>(SchemaSettings::draft2020_12().for_deserialize());
    text(schema, KNOWLEDGE, "flux-infra-guide.yaml")
}

fn generated<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    settings
        // Defaults serve reading with serde; a reader of the schema needs none.
        .with_transform(RecursiveTransform(|schema: &mut Schema| {
            schema.remove("default");
        }))
        .into_generator()
        .into_root_schema_for::<T>()
}

fn text(mut schema: Schema, name: &str, title: &str) -> Result<String, serde_json::Error> {
    schema.insert("$id".to_owned(), Value::String(url(name)));
    schema.insert("title".to_owned(), Value::String(title.to_owned()));
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}

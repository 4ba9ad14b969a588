//! The layout turns into JSON Schemas, one a catalog.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::catalogs::Catalog;
use crate::layout::{ConfigMapsFile, FluxResourcesFile, SecretsMapFile, ServicesFile};

/// Where the schemas are published.
const PUBLISHED: &str = "https://raw.githubusercontent.com/runwhen/flux-infra-guide/main/docs/schemas";

/// The address of a catalog's schema, which the catalog names in `$schema`. `catalog` is a name such as `services`.
pub fn url(catalog: &str) -> String {
    format!("{PUBLISHED}/{}", file_name(catalog))
}

/// The file name of a catalog's schema.
pub fn file_name(catalog: &str) -> String {
    format!("{catalog}.schema.json")
}

/// File name and content of each schema, in the order of the catalogs.
///
/// # Errors
/// Those of serde_json; none of the layout's types has any.
pub fn all() -> Result<Vec<(String, String)>, serde_json::Error> {
    Ok(vec![
        (file_name(ServicesFile::NAME), of::<ServicesFile>()?),
        (file_name(FluxResourcesFile::NAME), of::<FluxResourcesFile>()?),
        (file_name(SecretsMapFile::NAME), of::<SecretsMapFile>()?),
        (file_name(ConfigMapsFile::NAME), of::<ConfigMapsFile>()?),
    ])
}

/// The schema of one catalog, as it is written: what is always there is required, what else may come is allowed.
///
/// # Errors
/// Those of serde_json; none of the layout's types has any.
pub fn of<C: Catalog>() -> Result<String, serde_json::Error> {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        // Defaults serve reading; a schema of what is written needs none.
        .with_transform(RecursiveTransform(|schema: &mut schemars::Schema| {
            schema.remove("default");
        }))
        .into_generator()
        .into_root_schema_for::<C>();
    schema.insert("$id".to_owned(), Value::String(url(C::NAME)));
    schema.insert("title".to_owned(), Value::String(C::FILE_NAME.to_owned()));
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}

//! Addresses of the published schemas.

const PUBLISHED: &str = "https://raw.githubusercontent.com/runwhen/flux-infra-guide/main/docs/schemas";

/// The address of a catalog's schema, which the catalog names in `$schema`. `catalog` is a name such as `services`.
pub fn url(catalog: &str) -> String {
    format!("{PUBLISHED}/{}", file_name(catalog))
}

/// The file name of a catalog's schema.
pub fn file_name(catalog: &str) -> String {
    format!("{catalog}.schema.json")
}

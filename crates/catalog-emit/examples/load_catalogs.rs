//! Loads the catalogs of a data folder and names every service with its namespace and images.
//!
//! `cargo run -p catalog-emit --example load_catalogs -- .claude/skills/flux-infra-guide/data`

use camino::Utf8PathBuf;
use catalog_emit::ReadError;

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), ReadError> {
    let data = std::env::args().nth(1).unwrap_or_else(|| "data".to_owned());
    let infrastructure = catalog_emit::load(&Utf8PathBuf::from(data))?;
    for (key, service) in &infrastructure.services {
        println!("{key} in {}: {}", service.namespace, service.images.join(", "));
    }
    Ok(())
}

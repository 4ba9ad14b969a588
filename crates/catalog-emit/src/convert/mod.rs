//! The model turns into the layout of the catalogs, and back: one file a catalog, both ways side by side.
//!
//! Structs are taken apart and put together field by field, without `..`: a field that is added to the model does not
//! compile until it has a place here, so nothing is lost between writing and reading.

pub(crate) mod common;
pub(crate) mod configmaps;
pub(crate) mod flux_resources;
mod knowledge;
mod metadata;
pub(crate) mod secrets_map;
pub(crate) mod services;

use infra_model::Infrastructure;

use crate::catalogs::Catalogs;

impl Catalogs {
    /// The catalogs of a model. `generated_at` is RFC 3339, UTC, whole seconds.
    pub fn new(infrastructure: &Infrastructure, generated_at: &str) -> Self {
        let metadata = metadata::layout(&infrastructure.metadata, generated_at);
        Catalogs {
            services: services::file(infrastructure, &metadata),
            flux_resources: flux_resources::file(infrastructure, &metadata),
            secrets_map: secrets_map::file(infrastructure, &metadata),
            config_maps: configmaps::file(infrastructure, &metadata),
        }
    }
}

impl From<Catalogs> for Infrastructure {
    /// The model that the catalogs state. Of the knowledge file it has what no entry carries, without lines.
    fn from(catalogs: Catalogs) -> Self {
        let mut infrastructure = Infrastructure {
            metadata: metadata::model(&catalogs.services.metadata),
            ..Infrastructure::default()
        };
        services::read(catalogs.services, &mut infrastructure);
        flux_resources::read(catalogs.flux_resources, &mut infrastructure);
        secrets_map::read(catalogs.secrets_map, &mut infrastructure);
        configmaps::read(catalogs.config_maps, &mut infrastructure);
        infrastructure
    }
}

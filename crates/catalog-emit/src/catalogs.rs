//! The four catalogs of one cluster.

use infra_model::Infrastructure;

use crate::catalog::Catalog;
use crate::configmaps::ConfigMapsFile;
use crate::flux_resources::FluxResourcesFile;
use crate::metadata::Metadata;
use crate::secrets_map::SecretsMapFile;
use crate::services::ServicesFile;

/// How deep the data folders of clusters may be below the data folder.
pub(crate) const CLUSTER_DEPTH: usize = 4;

/// The four catalogs of one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogs<'m> {
    /// `services.json`
    pub services: ServicesFile<'m>,
    /// `flux-resources.json`
    pub flux_resources: FluxResourcesFile<'m>,
    /// `secrets-map.json`
    pub secrets_map: SecretsMapFile<'m>,
    /// `configmaps.json`
    pub config_maps: ConfigMapsFile<'m>,
}

impl<'m> Catalogs<'m> {
    /// The names of the four files in a data folder.
    pub const FILE_NAMES: [&'static str; 4] = [
        ServicesFile::FILE_NAME,
        FluxResourcesFile::FILE_NAME,
        SecretsMapFile::FILE_NAME,
        ConfigMapsFile::FILE_NAME,
    ];

    /// The sections of the four files whose entries are keyed by name.
    pub(crate) const MAPS: [&'static [&'static str]; 4] = [
        ServicesFile::MAPS,
        FluxResourcesFile::MAPS,
        SecretsMapFile::MAPS,
        ConfigMapsFile::MAPS,
    ];

    /// The catalogs of a model. `generated_at` is RFC 3339, UTC, whole seconds.
    pub fn new(infrastructure: &'m Infrastructure, generated_at: &str) -> Self {
        let metadata = Metadata::new(&infrastructure.metadata, generated_at);
        Catalogs {
            services: ServicesFile::new(infrastructure, &metadata),
            flux_resources: FluxResourcesFile::new(infrastructure, &metadata),
            secrets_map: SecretsMapFile::new(infrastructure, &metadata),
            config_maps: ConfigMapsFile::new(infrastructure, &metadata),
        }
    }
}

impl From<Catalogs<'_>> for Infrastructure {
    /// The model of the catalogs. Of the knowledge file it has only what no entry carries, without lines.
    fn from(catalogs: Catalogs<'_>) -> Self {
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

/// Runs a task for each of the four catalogs in parallel.
pub(crate) fn in_parallel<T: Send>(
    services: impl FnOnce() -> T + Send,
    flux_resources: impl FnOnce() -> T + Send,
    secrets_map: impl FnOnce() -> T + Send,
    config_maps: impl FnOnce() -> T + Send,
) -> [T; 4] {
    let ((services, flux_resources), (secrets_map, config_maps)) = rayon::join(
        || rayon::join(services, flux_resources),
        || rayon::join(secrets_map, config_maps),
    );
    [services, flux_resources, secrets_map, config_maps]
}

//! Models turn into the view that templates see: plain values, one struct per section.

pub(crate) mod agents;
mod component_map;
mod configmaps;
mod dependencies;
mod example;
mod facts;
mod flux_resources;
mod infrastructure;
mod observability;
mod overview;
mod platform;
mod secrets_map;
mod service_map;

use minijinja::Value;
use serde::Serialize;

use self::example::Example;
use self::facts::Facts;
use crate::environment::inert;
use crate::render::Cluster;

/// The context of every template.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    /// Name of the repository.
    pub(crate) repository: String,
    /// Whether several clusters are catalogued.
    pub(crate) several: bool,
    /// Folder of the data as the text names it: `data/`, or `data/<cluster>/`.
    pub(crate) data: Value,
    /// `data` as a shell pattern: `data/`, or `data/*/`.
    pub(crate) data_glob: Value,
    /// The service in example commands; `None` if no name is safe in a command.
    pub(crate) example: Option<Example>,
    pub(crate) overview: overview::Overview,
    pub(crate) service_map: service_map::ServiceMap,
    pub(crate) flux_resources: flux_resources::FluxResources,
    pub(crate) secrets_map: secrets_map::SecretsMap,
    pub(crate) configmaps: configmaps::ConfigMaps,
    pub(crate) observability: observability::Observability,
    pub(crate) dependencies: dependencies::Dependencies,
}

impl View {
    /// The view of `clusters` with tables of at most `limit` rows; `None` without clusters.
    pub(crate) fn new(clusters: &[Cluster<'_>], limit: usize) -> Option<View> {
        let first = clusters.first()?;
        let several = clusters.len() > 1 || first.name.is_some();
        let all: Vec<Facts<'_>> = clusters
            .iter()
            .map(|cluster| Facts::new(cluster.name.as_deref(), cluster.infrastructure, limit))
            .collect();
        let example = all.iter().find_map(|facts| facts.example.clone());
        let example = example.as_ref();
        let repository = first.infrastructure.metadata.generated_from.clone();
        let overview = overview::view(&all, &repository);
        Some(View {
            several,
            data: inert(if several { "data/<cluster>/" } else { "data/" }),
            data_glob: inert(if several { "data/*/" } else { "data/" }),
            example: example.cloned(),
            service_map: service_map::view(&all, example),
            flux_resources: flux_resources::view(&all, example),
            secrets_map: secrets_map::view(&all),
            configmaps: configmaps::view(&all, example),
            observability: observability::view(&all, &overview.platform),
            dependencies: dependencies::view(&all, example),
            overview,
            repository,
        })
    }
}

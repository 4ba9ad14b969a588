//! The lines about a repository in `AGENTS.md`: clusters, layers of Kustomizations, and folders.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use infra_model::Infrastructure;
use serde::Serialize;

use crate::render::Cluster;

/// Most clusters that are named. The others are counted.
const MOST_CLUSTERS: usize = 6;
/// Most Kustomizations on a line. The others are counted.
const MOST_NAMES: usize = 8;
/// Most folders that are named.
const MOST_FOLDERS: usize = 6;

#[derive(Debug, Serialize)]
pub(crate) struct Agents {
    repository: String,
    clusters: Vec<ClusterLine>,
    more_clusters: usize,
    folders: Vec<Folder>,
    /// A name for example questions.
    example: Option<String>,
    several: bool,
}

#[derive(Debug, Serialize)]
struct ClusterLine {
    name: Option<String>,
    entry: String,
    services: usize,
    helm_releases: usize,
    /// The Kustomizations that others wait for or are applied by, layer by layer.
    layers: Vec<Layer>,
}

#[derive(Debug, Serialize)]
struct Layer {
    names: Vec<String>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Folder {
    path: String,
    services: usize,
}

impl Agents {
    /// `None` without clusters.
    pub(crate) fn new(clusters: &[Cluster<'_>], example: Option<String>) -> Option<Agents> {
        let first = clusters.first()?;
        let lines = clusters.iter().take(MOST_CLUSTERS).map(|cluster| {
            let infra = cluster.infrastructure;
            ClusterLine {
                name: cluster.name.clone(),
                entry: infra.metadata.cluster.to_string(),
                services: infra.services.len(),
                helm_releases: infra.helm_releases.len(),
                layers: layers(infra),
            }
        });
        Some(Agents {
            repository: first.infrastructure.metadata.generated_from.clone(),
            clusters: lines.collect(),
            more_clusters: clusters.len().saturating_sub(MOST_CLUSTERS),
            folders: folders(clusters),
            example,
            several: clusters.len() > 1,
        })
    }
}

/// Kustomizations by how many have to be ready before them: those that apply them, and those that they wait for.
fn layers(infra: &Infrastructure) -> Vec<Layer> {
    const MOST_LAYERS: usize = 5;
    let before: BTreeMap<&str, BTreeSet<&str>> = infra
        .kustomizations
        .iter()
        .map(|(key, kustomization)| {
            let parent = kustomization.parent.as_deref();
            let waits = kustomization.depends_on.iter().map(String::as_str);
            let known = parent.into_iter().chain(waits);
            let known = known.filter(|other| *other != key && infra.kustomizations.contains_key(*other));
            (key.as_str(), known.collect())
        })
        .collect();
    let mut left: BTreeSet<&str> = before.keys().copied().collect();
    let mut layers = Vec::new();
    while !left.is_empty() && layers.len() < MOST_LAYERS {
        let is_next = |key: &&str| before.get(key).is_none_or(|before| before.is_disjoint(&left));
        let next: Vec<&str> = left.iter().copied().filter(is_next).collect();
        if next.is_empty() {
            // They wait for one another.
            break;
        }
        left.retain(|key| !next.contains(key));
        let names = next.iter().take(MOST_NAMES);
        layers.push(Layer {
            names: names.map(|key| (*key).to_owned()).collect(),
            more: next.len().saturating_sub(MOST_NAMES),
        });
    }
    layers
}

/// The folders, up to two deep, with most services.
fn folders(clusters: &[Cluster<'_>]) -> Vec<Folder> {
    let mut services: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for cluster in clusters {
        for (key, service) in &cluster.infrastructure.services {
            let Some(place) = &service.source else {
                continue;
            };
            let folders = place.file.as_str().split('/').rev().skip(1).collect::<Vec<_>>();
            let folders: Vec<&str> = folders.into_iter().rev().take(2).collect();
            if !folders.is_empty() {
                services.entry(folders.join("/")).or_default().insert(key);
            }
        }
    }
    let folders = services.into_iter().map(|(path, services)| Folder {
        path,
        services: services.len(),
    });
    let mut folders: Vec<Folder> = folders.collect();
    // The sort is stable and keeps folders of equal size in the order of paths.
    folders.sort_by_key(|folder| Reverse(folder.services));
    folders.truncate(MOST_FOLDERS);
    folders
}

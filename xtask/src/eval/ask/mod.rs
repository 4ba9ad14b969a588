//! Questions about a rendering: templates, and for each a few subjects that fit it.
//!
//! A subject fits if the rendering alone decides the answer and the question does not give it away.

mod chart_made;
mod clusters;
mod config;
mod environment;
mod flux;
mod helm;
mod images;
mod layers;
mod material;
mod names;
mod network;
mod not_applied;
mod secrets;
mod services;
mod stores;
mod volumes;

use std::collections::BTreeMap;

use super::question::Question;
use super::rendering::{Object, Rendering};
use crate::facts::pod;
use material::Material;

pub(crate) use clusters::questions as questions_of_clusters;

/// Every question about objects that charts make, in a rendering that holds them.
pub(crate) fn questions_of_charts<'r>(
    rendering: &'r Rendering,
    files: &'r BTreeMap<String, String>,
    most: usize,
) -> Vec<Question<'r>> {
    let material = material(rendering, files, most);
    chart_made::questions(&material, |object| {
        rendering
            .owner(object)
            .made_by_charts
            .contains(&object.identity())
    })
}

/// Every question about a rendering, by class.
pub(crate) fn questions<'r>(
    rendering: &'r Rendering,
    files: &'r BTreeMap<String, String>,
    most: usize,
) -> Vec<Question<'r>> {
    let material = material(rendering, files, most);
    [
        services::questions,
        images::questions,
        network::questions,
        flux::questions,
        helm::questions,
        secrets::questions,
        config::questions,
        layers::questions,
        environment::questions,
        stores::questions,
        names::questions,
        volumes::questions,
        not_applied::questions,
    ]
    .into_iter()
    .flat_map(|questions| questions(&material))
    .collect()
}

fn material<'r>(rendering: &'r Rendering, files: &'r BTreeMap<String, String>, most: usize) -> Material<'r> {
    let workloads: Vec<&Object> = rendering
        .objects
        .iter()
        .filter(|object| pod::pod_spec(&object.value).is_some())
        .collect();
    let mut services = workloads.clone();
    services.extend(rendering.helm_releases());
    Material {
        rendering,
        files,
        most,
        workloads,
        services,
    }
}

/// The only item, if there is exactly one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next();
    first.filter(|_| items.next().is_none())
}

/// Whether catalogs withhold the values of a key.
fn is_credential(key: &str) -> bool {
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = key.to_ascii_lowercase();
    ["password", "passwd", "token", "secret", "key"]
        .iter()
        .any(|word| key.ends_with(word))
}

//! Questions about a rendering: templates, and for each a few subjects that fit it.
//!
//! A subject fits where the rendering alone decides the answer and the question does not give it away.

mod config;
mod flux;
mod helm;
mod images;
mod material;
mod network;
mod secrets;
mod services;

use std::collections::BTreeMap;

use super::question::Question;
use super::rendering::{Object, Rendering};
use crate::facts::pod;
use material::Material;

/// Every question about a rendering, by class.
pub(crate) fn questions<'r>(
    rendering: &'r Rendering,
    files: &'r BTreeMap<String, String>,
    most: usize,
) -> Vec<Question<'r>> {
    let workloads: Vec<&Object> = rendering
        .objects
        .iter()
        .filter(|object| pod::pod_spec(&object.value).is_some())
        .collect();
    let mut services = workloads.clone();
    services.extend(rendering.helm_releases());
    let material = Material {
        rendering,
        files,
        most,
        workloads,
        services,
    };
    [
        services::questions,
        images::questions,
        network::questions,
        flux::questions,
        helm::questions,
        secrets::questions,
        config::questions,
    ]
    .into_iter()
    .flat_map(|questions| questions(&material))
    .collect()
}

//! A HelmRelease turns into the objects that helm-controller installs.
//!
//! Rules: [helm-controller 1.6.4](https://github.com/fluxcd/helm-controller/tree/v1.6.4) and
//! [source-controller](https://github.com/fluxcd/source-controller/tree/v1.9.0/internal/helm/chart).

mod chart_store;
mod dependencies;
mod objects;
mod post_renderers;
mod reference;
mod values;
mod values_files;
mod withhold;

use helm_release::release_name;
use helm_template::{Capabilities, Error, Release, RenderOptions, Stage};
use source_tree::Limits;
use yaml_node::Node;

use crate::flux::HelmRelease;

pub(crate) use chart_store::{ChartStore, NoChart, PreparedChart};
pub(crate) use objects::Made;
pub(crate) use reference::{ChartReference, ReferenceSources};
pub(crate) use values::{KnownValue, KnownValues, placeholder};

/// How a release is rendered.
pub(crate) struct ReleaseOptions<'a> {
    /// What the chart is told of the cluster.
    pub(crate) capabilities: &'a Capabilities,
    /// Whether credentials are withheld before a template sees them.
    pub(crate) withholds: bool,
    pub(crate) limits: &'a Limits,
}

/// An error with its place alone.
pub(crate) fn without_words(error: &Error) -> Error {
    let place = error.place.as_ref();
    let place = place.map_or(String::new(), |place| {
        format!(" at {}:{}", place.template, place.line)
    });
    Error {
        message: format!("rendering fails{place}"),
        ..error.clone()
    }
}

/// The objects that a release makes. `object` is what `release` was read from.
///
/// # Errors
/// Helm's and Flux's words.
pub(crate) fn render(
    release: &HelmRelease,
    object: &Node,
    chart: &PreparedChart,
    known: &KnownValues,
    options: &ReleaseOptions<'_>,
) -> Result<Made, Error> {
    let namespace = release
        .target_namespace
        .as_deref()
        .unwrap_or(&release.id.namespace);
    let name = release_name(
        release.release_name.as_deref(),
        release.target_namespace.as_deref(),
        &release.id.name,
    );
    let values = values::of_release(release, object, known, options.withholds)
        .map_err(|error| Error::new(Stage::Values, error.message))?;
    let (renderer, strategy) = post_renderers::of_release(release);
    let mut render = RenderOptions::new(Release::new(name, namespace));
    render.capabilities = options.capabilities.clone();
    render.skip_schema_validation = release.skips_schema;
    render.post_renderer = Some((&renderer, strategy));
    let rendered = helm_template::render(&chart.chart, &values, &render)?;
    let mut made = objects::read(&rendered, release, namespace, chart, options.limits)?;
    // Another version may read what this one does not.
    if chart.is_wanted_version {
        made.unused = helm_template::unused_values(&chart.chart, &values, &render, &rendered);
    }
    Ok(made)
}

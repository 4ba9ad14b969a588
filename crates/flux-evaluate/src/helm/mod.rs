//! A HelmRelease turns into the objects that helm-controller installs.
//!
//! Rules: [helm-controller 1.6.4](https://github.com/fluxcd/helm-controller/tree/v1.6.4) and
//! [source-controller](https://github.com/fluxcd/source-controller/tree/v1.9.0/internal/helm/chart).

mod cached_release;
mod chart_store;
mod cluster_question;
mod dependencies;
mod fingerprint;
mod handed_over;
mod objects;
mod post_renderers;
mod prepared_chart;
mod reference;
mod rendering;
mod values;
mod values_files;
mod withhold;

use helm_template::Error;
use source_tree::Limits;

use crate::flux::HelmRelease;

pub(crate) use chart_store::{ChartStore, NoChart};
pub use cluster_question::ClusterQuestion;
pub use handed_over::HandedOver;
pub(crate) use objects::Installation;
pub(crate) use prepared_chart::PreparedChart;
pub(crate) use reference::{ChartReference, ReferenceSources};
pub use rendering::ReleaseRendering;
pub(crate) use rendering::RenderSettings;
pub(crate) use values::{KnownValue, KnownValues, placeholder};
pub(crate) use values_files::merge as merge_values;

/// An error without its message, which may quote values.
pub(crate) fn without_message(error: &Error) -> Error {
    let place = error.place.as_ref();
    let place = place.map_or(String::new(), |place| {
        format!(" at {}:{}", place.template, place.line)
    });
    Error {
        message: format!("rendering fails{place}"),
        ..error.clone()
    }
}

/// Renders a release.
///
/// # Errors
/// Those of Helm and Flux.
pub(crate) fn render(
    release: &HelmRelease,
    rendering: &ReleaseRendering,
    chart: &PreparedChart,
    limits: &Limits,
) -> Result<Installation, Error> {
    let make = || objects::read(rendering.render(release)?, release, chart, limits);
    match rendering.handed_over(release) {
        Some((handed_over, key)) => handed_over.get(key, make),
        None => make(),
    }
}

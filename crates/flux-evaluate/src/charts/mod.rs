//! Charts from outside the repository: the request, who answers it, and the answer from given folders.

mod folder;
mod given;
mod lazy;
mod limits;
mod version;

use std::sync::Arc;

use helm_template::Error;
use source_tree::ObjectRef;
use yaml_node::Node;

use crate::Unavailable;

pub use given::GivenCharts;
pub use lazy::LazyChart;
pub use limits::{chart_limits, render_limits};

/// A chart that a HelmRelease, or the chart of one, needs.
#[derive(Clone, Copy, Debug)]
pub struct ChartRequest<'a> {
    /// The HelmRelease.
    pub release: &'a ObjectRef,
    /// The HelmChart that states the chart, where an object does.
    pub helm_chart: Option<&'a ObjectRef>,
    /// The source that holds the chart. None for a dependency, which only an address names.
    pub source: Option<&'a ObjectRef>,
    /// The `spec` of the source as Flux applies it; none where no object of the repository states it.
    pub spec: Option<&'a Node>,
    /// The chart's name.
    pub name: &'a str,
    /// The chart as `spec.chart` states it, which may be a path in its repository. Empty for a source that is the chart.
    pub stated: &'a str,
    /// The address of the repository that holds a dependency.
    pub repository: Option<&'a str>,
    /// The version, or a range of versions; none for the newest.
    pub version: Option<&'a str>,
    /// Whether the files of the chart are at hand already. A chart that is known all the same replaces them.
    pub is_at_hand: bool,
}

/// A chart, or why there is none.
#[derive(Clone, Debug)]
pub enum ChartContent {
    /// The chart.
    Known(GivenChart),
    /// It is there, and Helm cannot load it.
    Broken(Error),
    /// Why it cannot be had.
    Unavailable(Unavailable),
}

/// A chart that something outside of the repository gives. The same chart should be a copy of one, so that it is parsed once.
#[derive(Clone, Debug)]
pub struct GivenChart {
    /// The chart.
    pub chart: LazyChart,
    /// Whether its version is one that was asked for.
    pub is_wanted_version: bool,
    /// The digest of the artifact that it was fetched as: an OCIRepository makes it part of the chart's version.
    pub digest: Option<Arc<str>>,
}

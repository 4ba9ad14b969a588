//! Charts from outside of the repository: requests, answers, and folders of charts.

mod folder;
mod given;
mod lazy;
mod limits;
mod version;

use std::fmt;
use std::sync::Arc;

use helm_template::Error;
use source_tree::ObjectRef;
use yaml_node::Node;

use crate::Unavailable;

pub use given::GivenCharts;
pub use lazy::LazyChart;
pub use limits::{chart_limits, render_limits};

/// A request for the chart of a HelmRelease, or for a dependency of one.
#[derive(Clone, Copy, Debug)]
pub struct ChartRequest<'a> {
    /// The HelmRelease.
    pub release: &'a ObjectRef,
    /// The HelmChart that defines the chart, if an object does.
    pub helm_chart: Option<&'a ObjectRef>,
    /// The source of the chart. `None` for a dependency, which has only an address.
    pub source: Option<&'a ObjectRef>,
    /// The `spec` of the source as Flux applies it; `None` if no object of the repository defines it.
    pub spec: Option<&'a Node>,
    /// The chart's name.
    pub name: &'a str,
    /// `spec.chart`, which may be a path in the chart's repository. Empty for a source that is the chart.
    pub stated: &'a str,
    /// The address of a dependency's repository.
    pub repository: Option<&'a str>,
    /// The version, or a range of versions; `None` for the newest.
    pub version: Option<&'a str>,
    /// Whether the files of the chart are available. An answer with a chart has precedence over them.
    pub is_at_hand: AtHand<'a>,
}

/// A lazy answer: the files of a source may have to be unpacked for it.
#[derive(Clone, Copy, Default)]
pub struct AtHand<'a>(Option<&'a dyn Fn() -> bool>);

impl<'a> AtHand<'a> {
    pub(crate) fn when(asked: &'a dyn Fn() -> bool) -> Self {
        AtHand(Some(asked))
    }

    /// The answer; false if it is unknown.
    pub fn get(self) -> bool {
        self.0.is_some_and(|asked| asked())
    }
}

impl fmt::Debug for AtHand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtHand").finish_non_exhaustive()
    }
}

/// A chart, or the reason why there is none.
#[derive(Clone, Debug)]
pub enum ChartContent {
    /// The chart.
    Known(GivenChart),
    /// It exists, but Helm cannot load it.
    Broken(Error),
    /// It is not available.
    Unavailable(Unavailable),
}

/// A chart from outside of the repository. Answers with the same chart should be copies of it, so that it is parsed once.
#[derive(Clone, Debug)]
pub struct GivenChart {
    /// The chart.
    pub chart: LazyChart,
    /// Whether its version is the requested one, or in the requested range.
    pub is_wanted_version: bool,
    /// The digest of the fetched artifact, which an OCIRepository makes part of the chart's version.
    pub digest: Option<Arc<str>>,
}

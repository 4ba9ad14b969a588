//! Which subcharts are used, under which names and with which values.
//!
//! Rules: [pkg/chart/v2/util/dependencies.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/util/dependencies.go).

mod enabled;
mod import_values;

pub(crate) use enabled::is_compatible;

use std::rc::Rc;
use std::sync::Arc;

use go_template::Map;

use crate::chart::{Chart, Metadata};
use crate::remarks::Remarks;
use crate::values::{map_of_node, node_count};
use crate::{Error, RenderLimits, Stage};

/// A chart as one release uses it: with the subcharts that are enabled, under their aliases, and the defaults that follow
/// from imports.
#[derive(Clone, Debug)]
pub(crate) struct LoadedChart {
    pub(crate) chart: Arc<Chart>,
    /// Name and dependencies may differ from the packed chart's.
    pub(crate) metadata: Metadata,
    /// Default values.
    pub(crate) values: Rc<Map>,
    /// How many scalars, lists and maps those are in the packed chart.
    value_count: usize,
    pub(crate) dependencies: Vec<LoadedChart>,
}

impl LoadedChart {
    fn new(chart: &Arc<Chart>) -> Self {
        LoadedChart {
            chart: Arc::clone(chart),
            metadata: chart.metadata.clone(),
            values: Rc::new(map_of_node(&chart.values)),
            value_count: node_count(&chart.values),
            dependencies: chart.dependencies.iter().map(LoadedChart::new).collect(),
        }
    }

    /// How many charts it is with its subcharts, and how many default values they have.
    fn size(&self) -> (usize, usize) {
        let own = (1, self.value_count);
        self.dependencies
            .iter()
            .map(LoadedChart::size)
            .fold(own, |a, b| (a.0 + b.0, a.1 + b.1))
    }

    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }
}

/// Refuses charts that lack a dependency that their `Chart.yaml` names. Versions are not looked at.
pub(crate) fn check(chart: &Chart) -> Result<(), Error> {
    let is_there = |name: &str| chart.dependencies.iter().any(|found| found.metadata.name == name);
    let missing: Vec<&str> = chart
        .metadata
        .dependencies()
        .iter()
        .map(|dependency| dependency.name.as_str())
        .filter(|name| !is_there(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Stage::Dependencies,
        format!(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to \
             fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
            missing.join(", ")
        ),
    ))
}

/// The chart as a release with these values uses it.
///
/// # Errors
/// Helm's words where a subchart's key holds no map.
pub(crate) fn process(
    chart: &Arc<Chart>,
    values: &Map,
    limits: &RenderLimits,
    remarks: &mut Remarks,
) -> Result<LoadedChart, Error> {
    let mut loaded = LoadedChart::new(chart);
    let mut left = *limits;
    enabled::select(&mut loaded, values, "", &mut left, remarks)
        .and_then(|()| import_values::import(&mut loaded, remarks))
        .map_err(|error| {
            Error::new(
                Stage::Dependencies,
                format!("chart dependencies processing failed: {error}"),
            )
        })?;
    Ok(loaded)
}
